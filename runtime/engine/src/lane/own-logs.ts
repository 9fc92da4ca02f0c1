import type { Outcome } from '@ingot/sdk'
import type { OutputBinding } from '@ingot/sdk/host'
import { Labels, LogsBatchBuilder, type LogsBatch } from '@ingot/telemetry'
import { LedgerCells } from '../ledger/ledger-cells.ts'
import type { Link } from '../link/link.ts'
import { OutputWiring } from './output-wiring.ts'
import type { OwnLogLine } from './protocol.ts'

/** The stream of the collector's own lines: the label that dashboards for Alloy look for. */
const stream = Labels.from([['component', 'alloy']])

export interface OwnLogsOptions {
  readonly storageDir: string
  readonly linkTo: (component: string) => Link | undefined
}

/** The lane's half of `logging.write_to`: control has no telemetry of its own, so a lane makes its lines a batch and emits it. */
export class OwnLogs {
  readonly #wiring: OutputWiring
  readonly #builder = new LogsBatchBuilder()

  constructor({ storageDir, linkTo }: OwnLogsOptions) {
    const lane = { index: 0, count: 1 }
    const ledger = new LedgerCells()
    this.#wiring = new OutputWiring({ from: 'logging', lane, storageDir, ledger, linkTo, announce: () => undefined })
  }

  async emit(output: OutputBinding, lines: readonly OwnLogLine[]): Promise<Outcome> {
    await this.#wiring.prepare([output], {})
    this.#wiring.commit([output])
    return this.#wiring.output(output).emit(this.#batch(lines))
  }

  #batch(lines: readonly OwnLogLine[]): LogsBatch {
    const builder = this.#builder
    const id = builder.stream(stream)
    const encoder = new TextEncoder()
    for (const { line, timeMs } of lines) {
      const bytes = encoder.encode(line)
      const seconds = Math.floor(timeMs / 1000)
      builder.append(id, bytes, 0, bytes.length, seconds, Math.round((timeMs - seconds * 1000) * 1e6))
    }
    return builder.build()
  }
}
