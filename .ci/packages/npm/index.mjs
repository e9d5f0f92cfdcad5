import extension from './index.js';

export const { getLoadablePath, load } = extension;
export default extension;
