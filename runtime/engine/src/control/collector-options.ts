import type { CachedModule, Distribution } from '@ingot/loader'
import type { Inspection } from '@ingot/sandbox'
import type { LoadInput } from './load-configuration.ts'

export interface CollectorOptions extends Pick<LoadInput, 'communityComponents' | 'frozen' | 'offline'> {
  /** A file, or a folder of *.alloy files. */
  readonly configPath: string
  readonly distribution: Distribution
  readonly cacheDir: string
  readonly storageDir: string
  /** `host:port` of the HTTP server. */
  readonly listenAddress: string
  /** `--server.http.memory-addr`: the internal address of components' own metrics. */
  readonly memoryAddress: string
  readonly uiPathPrefix: string
  readonly lanes: number
  /** Puts portable modules of the distribution into runners as well. */
  readonly sandboxAll: boolean
  readonly shutdownDeadlineMs: number
  readonly laneStallMs: number
  readonly laneHeapMiB: number
  readonly stabilityLevel: 'experimental' | 'public-preview' | 'generally-available'
  /** Modules by name that stand in for what `ingot.lock` pins. Each load reads it anew. */
  readonly modules?: ReadonlyMap<string, CachedModule>
  /** `--reload.partial`: a reload takes over what holds although components of it cannot be evaluated, as Alloy's does. */
  readonly reloadPartial?: boolean
  /** For authors: what connects an instance's runner with a debugger. */
  readonly inspect?: (instance: string, sha256: string) => Inspection | undefined
  /** Whether a person at a terminal reads the diagnostics of the first start: in colour, with what is in the strings. */
  readonly color: boolean
}
