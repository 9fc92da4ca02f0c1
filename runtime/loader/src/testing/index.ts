/** For programs that prove the loader at length. */
export { measureResolver } from './measure-resolver.ts'
export { proveResolver } from './prove-resolver.ts'
