/**
 * The command. Answers `--version` before anything else is loaded; the rest comes by import(). The only file that ends the process.
 *
 * @module
 */
import { version } from './version.ts';

const args = process.argv.slice(2);
if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) console.log(version);
else void start();

async function start(): Promise<void> {
  const { setFlagsFromString } = await import('node:v8');
  // undici's parser is WebAssembly, whose optimising compilation delays the end of a short run by about 150 ms; a long run is no slower without it.
  setFlagsFromString('--liftoff-only');
  const { runCommandLine, settleExitCode, tellStray } = await import('./command-line.ts');
  // Node would print it with the secrets in it, and end before the reports are written and looked through.
  process.on('uncaughtException', (error) => {
    tellStray(error);
    process.exitCode = settleExitCode(0);
  });
  process.exitCode = settleExitCode(await runCommandLine(args));
}
