// The package as a module of ECMAScript.
import extension, { getLoadablePath, load } from 'rockset-ext';

if (extension.load !== load) throw new Error('load');
console.log(getLoadablePath());
