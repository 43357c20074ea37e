/**
 * The version that `--version` answers. The build writes it, so that nothing else has to be read to know it.
 *
 * @module
 */
export { version } from '../generated/version.js';
