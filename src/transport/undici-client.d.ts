// The one module of undici that is needed; loading all of undici takes three times as long.
declare module 'undici/lib/dispatcher/client.js' {
  import { Client } from 'undici';
  export default Client;
}
