import type { LockedSource } from '@ingot/manifest'
import type { SourceText } from '../read-sources.ts'

/** What an import from elsewhere had at one time. */
export interface RemoteContent {
  readonly texts: readonly SourceText[]
  /** What `module_path` is in it. */
  readonly modulePath: string
  /** What tells it from other content, as a lockfile says it. */
  readonly found: LockedSource
}

/** A place outside of this machine that configuration comes from. */
export interface RemoteSource {
  /** The address, without credentials. */
  readonly address: string
  /** Asks it. @throws with a message for the user, which holds no secret */
  fetch(signal: AbortSignal): Promise<RemoteContent>
  /** What was fetched earlier: what is pinned, or else the last of it. Asks nobody. */
  kept(pinned?: LockedSource): Promise<RemoteContent | undefined>
  /** What an earlier process of this collector left of it. Asks nobody. */
  remembered(): Promise<RemoteContent | undefined>
  /** Called when the content is about to be used. */
  place(content: RemoteContent): Promise<void>
  /** Makes sure that {@link RemoteSource.kept} finds this content when it is pinned. */
  keep(content: RemoteContent): Promise<void>
  close(): Promise<void>
}
