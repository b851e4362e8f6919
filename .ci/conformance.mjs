// conformance.mjs HOME LOG
//
// Runs the releases of the suite that are installed in HOME against the server that writes its address to LOG. Warnings and
// skipped checks are failures, and so is a scenario that checks nothing: it found nothing to check.

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const [home, log] = process.argv.slice(2);

// How many scenarios there are is known, so that a suite that runs fewer does not pass.
const legs = [
  { name: '2025-11-25, first release', release: '0.1.16', options: [], scenarios: 32 },
  { name: '2025-11-25', release: '0.2.0-alpha.12', options: ['--spec-version', '2025-11-25'], scenarios: 33 },
  { name: '2026-07-28', release: '0.2.0-alpha.12', options: ['--spec-version', '2026-07-28'], scenarios: 40 },
];

/** The address of the server, when it is ready. */
async function ready() {
  for (let attempt = 0; attempt < 100; attempt++) {
    const url = /http:\/\/\S+/.exec(await readFile(log, 'utf8'))?.[0];
    const response = url && (await fetch(new URL('/readyz', url)).catch(() => undefined));
    if (response?.ok) return url;
    await sleep(100);
  }
  throw new Error(`the server is not ready:\n${await readFile(log, 'utf8')}`);
}

/** What one leg finds: its scenarios, each with its checks. */
async function run({ release, options }, url) {
  const suite = join(home, release, 'node_modules/@modelcontextprotocol/conformance/dist/index.js');
  const results = await mkdtemp(join(home, 'results-'));
  try {
    const args = [suite, 'server', '--url', url, '--suite', 'all', '-o', results, ...options];
    // How the process ends is no verdict: what it writes is.
    await new Promise((done) => execFile(process.execPath, args, { timeout: 20_000 }, done));
    const scenarios = (await readdir(results)).map(async (folder) => ({
      name: folder.replace(/^server-/, '').replace(/-\d{4}-\d\d-\d\dT.*/, ''),
      checks: JSON.parse(await readFile(join(results, folder, 'checks.json'), 'utf8')),
    }));
    return await Promise.all(scenarios);
  } finally {
    await rm(results, { recursive: true });
  }
}

/** What is wrong with a scenario, line by line. */
function problems({ name, checks }) {
  const failed = checks.filter(({ status }) => ['FAILURE', 'WARNING', 'SKIPPED'].includes(status));
  const passed = checks.filter(({ id, status }) => status === 'SUCCESS' && id !== 'wire-schema-valid');
  if (failed.length === 0 && passed.length === 0) return [`${name}: nothing was checked`];
  return failed.map(({ id, status, errorMessage, description }) => `${name}: ${status} ${id}: ${errorMessage ?? description}`);
}

const url = await ready();
let total = 0;
let bad = 0;
for (const leg of legs) {
  const scenarios = await run(leg, url);
  const failing = scenarios.map(problems).filter((lines) => lines.length > 0);
  const missing = Math.max(leg.scenarios - scenarios.length, 0);
  for (const line of failing.flat()) console.log(`  ${line}`);
  if (missing > 0) console.log(`  ${missing} of ${leg.scenarios} scenarios did not run`);
  console.log(`${leg.name}: ${scenarios.length - failing.length} passed, ${failing.length + missing} failed`);
  total += scenarios.length - failing.length;
  bad += failing.length + missing;
}
console.log(`${total} passed, ${bad} failed`);
process.exitCode = bad > 0 ? 1 : 0;
