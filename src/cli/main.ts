/**
 * The command. Answers `--version` before anything else is loaded; the rest comes by import().
 *
 * @module
 */
import { version } from './version.ts';

const first = process.argv[2];
if (first === '--version' || first === '-V') console.log(version);
