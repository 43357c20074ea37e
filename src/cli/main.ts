/**
 * The command. Answers `--version` before anything else is loaded; the rest comes by import(). The only file that ends the process.
 *
 * @module
 */
import { version } from './version.ts';

const args = process.argv.slice(2);
if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
  console.log(version);
} else {
  const { runCommandLine } = await import('./command-line.ts');
  process.exitCode = await runCommandLine(args);
}
