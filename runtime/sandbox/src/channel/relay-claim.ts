import { fromRunner, type Frame } from '../protocol/frame.ts'
import type { ChannelEvents, ChannelOptions } from './channel-options.ts'
import { readExit, readExports, readHealth, readLog, readMetric } from './runner-claims.ts'

/** Passes on what a component says of itself. @throws when the frame is of no known kind or malformed. */
export function relayClaim(
  { kind, payload }: Frame,
  { events, limits }: Pick<ChannelOptions, 'events' | 'limits'>,
  exportedSecret: (name: string) => string,
): void {
  switch (kind) {
    case fromRunner.log: {
      const entry = readLog(payload, limits)
      return tell(events, () => events.log(entry))
    }
    case fromRunner.metric: {
      const metric = readMetric(payload)
      return tell(events, () => events.metric(metric))
    }
    case fromRunner.exports: {
      const exports = readExports(payload, limits, exportedSecret)
      return tell(events, () => events.exports(exports))
    }
    case fromRunner.health: {
      const [state, message] = readHealth(payload, limits)
      return tell(events, () => events.health(state, message))
    }
    case fromRunner.exited: {
      const error = readExit(payload, limits)
      return tell(events, () => events.exited(error))
    }
    default:
      throw new Error(`it sent a frame of kind ${kind}, which is none`)
  }
}

/** What the room throws is its own error, and no violation of the module's. */
export function tell(events: ChannelEvents, inform: () => void): void {
  try {
    inform()
  } catch (error) {
    events.log({ level: 'error', message: `what the component said was not taken: ${(error as Error).message}` })
  }
}
