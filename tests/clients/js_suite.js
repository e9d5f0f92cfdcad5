// The own suite of @rockset/client 0.9.2, as its package holds it (dist/tests), file by file.
// Usage: node js_suite.js URL KEY LEFT_OUT (NODE_PATH finds the client, expect and jest-mock)
//
// The suite is written for jest; of that it needs a handful of globals, which are given here, with
// jest's own `expect`. One of its tests asks a public host for an answer of 502 that is not JSON: a
// server of ours gives it. LEFT_OUT is left_out.txt: see there.
const fs = require('fs');
const http = require('http');
const https = require('https');
const path = require('path');
const { expect } = require('expect');

[process.env.ROCKSET_APISERVER, process.env.ROCKSET_APIKEY] = process.argv.slice(2);
const leftOut = new Set(fs.readFileSync(process.argv[4], 'utf8').split('\n')
  .filter((line) => line.startsWith('js\t')).map((line) => line.split('\t')[1]));

const TEST_SECONDS = 30;
let tests = [];
let after = [];
let outer = [];

Object.assign(global, {
  expect,
  jest: require('jest-mock'),
  fail: (e) => { throw e instanceof Error ? e : new Error(JSON.stringify(e)); },
  afterAll: (work) => after.push(work),
  describe: (name, body) => { outer.push(name); body(); outer.pop(); },
  test: (name, work) => tests.push([[...outer, name].join(' > '), work]),
});
console.log = (...what) => console.error(...what); // the suite talks; our output is TAP

// The public host that answers with the status in its path, on a free port of this machine
async function standIn(host) {
  const server = http.createServer((request, answer) => {
    answer.statusCode = Number(/^\/(\d{3})/.exec(request.url)[1]);
    answer.end(`${answer.statusCode} ${http.STATUS_CODES[answer.statusCode]}`);
  });
  await new Promise((ready) => { server.listen(0, '127.0.0.1', ready); });
  const real = https.request;
  https.request = (options, ...more) => (options.hostname !== host ? real(options, ...more)
    : http.request({ ...options, protocol: 'http:', agent: undefined, host: '127.0.0.1',
      hostname: '127.0.0.1', port: server.address().port }, ...more));
  return server;
}

async function outcome(work) {
  let timer;
  const late = new Promise((_, no) => {
    timer = setTimeout(() => no(new Error(`more than ${TEST_SECONDS} s`)), TEST_SECONDS * 1000);
  });
  try {
    await Promise.race([work(), late]);
    return null;
  } catch (e) {
    return e.stack || JSON.stringify(e);
  } finally {
    clearTimeout(timer);
  }
}

function report(name, failure) {
  let good = failure === null;
  if (leftOut.delete(name)) {
    if (good) failure = 'passes, so it is not to be left out: take it out of left_out.txt';
    else process.stdout.write(`# left out: ${name}\n`);
    if (!good) return;
    good = false;
  }
  if (failure) process.stdout.write(failure.replace(/^/gm, '# ') + '\n');
  process.stdout.write(`${good ? 'ok' : 'not ok'} js suite: ${name}\n`);
}

async function main() {
  const folder = path.join(path.dirname(require.resolve('@rockset/client')), 'tests');
  const files = fs.readdirSync(folder).filter((f) => f.endsWith('.test.js')).sort();
  const host = await standIn('httpstat.us');
  let n = 0;
  for (const file of files) {
    [tests, after] = [[], []];
    require(path.join(folder, file));
    for (const [name, work] of tests) {
      report(`${file} > ${name}`, await outcome(work));
      n += 1;
    }
    for (const work of after) work();
  }
  host.close();
  if (n < 15) report('all of its tests are found', `${n} are`);
  for (const name of leftOut) report(`left_out.txt: ${name}`, 'the suite has no such test');
}

main();
