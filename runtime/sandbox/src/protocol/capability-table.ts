/**
 * What of `env` a runner reaches through frames. A method that is not in this table does not exist for a module,
 * whatever its lane's `env` has.
 */
export interface SurfaceEntry {
  /** The capability that opens the property. */
  readonly capability: string
  /** Methods that return promises: the module goes on with other work meanwhile. */
  readonly later: readonly string[]
  /** Methods that return at once: the runner waits for the lane. */
  readonly now: readonly string[]
  /** Values that are sent along when the module is loaded. */
  readonly values: readonly string[]
}

const surface = (capability: string, methods: Partial<Omit<SurfaceEntry, 'capability'>>): SurfaceEntry => ({
  capability,
  later: [],
  now: [],
  values: [],
  ...methods,
})

/** By property of `env`. */
export const envSurface: Readonly<Record<string, SurfaceEntry>> = {
  http: surface('http.request', { later: ['request', 'grpc'] }),
  server: surface('http.serve', { later: ['listenHttp', 'listenGrpc'], now: ['mount'], values: ['internal'] }),
  fs: surface('fs.read', { later: ['read', 'readText', 'list', 'stat', 'open', 'glob', 'statfs', 'readlink'] }),
  watch: surface('fs.watch', { now: ['watch'] }),
  vars: surface('env.read', { now: ['get'] }),
  state: surface('state', { now: ['get', 'keys'], later: ['set', 'delete', 'queue'] }),
  clock: surface('clock', { later: ['sleep'] }),
  random: surface('random', {}),
  peers: surface('peers', { now: ['owns', 'onChange'], values: ['lane'] }),
  host: surface('host.stats', { now: ['uname'], values: ['platform', 'hostname'] }),
  self: surface('self.metrics', { later: ['scrape'] }),
}

/** Objects that calls return and that live in the lane, by the method that makes them: `<property>.<method>`. */
export const objectSurface: Readonly<Record<string, Omit<SurfaceEntry, 'capability'>>> = {
  'fs.open': { later: ['read', 'stat', 'close'], now: [], values: [] },
  'server.listenHttp': { later: ['close'], now: [], values: ['address'] },
  'server.listenGrpc': { later: ['close'], now: [], values: ['address'] },
  'state.queue': { later: ['append', 'next', 'close'], now: ['acknowledge', 'pending'], values: [] },
}
