import type { FailedLoad, ReloadAnswer } from '../http/view.ts'
import type { FoundDiagnostic, LoadResult } from './load-configuration.ts'
import type { CollectorLog } from './log.ts'
import type { ComponentFailure, Switched } from './running-graph.ts'

/** Diagnostics of one load that are logged. */
const loggedDiagnosticsMax = 100

/** What the last load came to: for whoever asked for it, the log, the pages and the metrics. */
export class LastLoad {
  readonly #log: Pick<CollectorLog, 'log'>
  #failed: FailedLoad | undefined
  #succeededAt = 0

  constructor(log: Pick<CollectorLog, 'log'>) {
    this.#log = log
  }

  get record(): { readonly failed: FailedLoad | undefined; readonly succeededAt: number } {
    return { failed: this.#failed, succeededAt: this.#succeededAt }
  }

  /** The configuration has been read and checked. */
  checked({ errors, found, configuration }: LoadResult): void {
    this.#failed = errors === 0 ? undefined : failedLoad(found, configuration !== undefined)
    this.found(found)
    if (!configuration) this.#log.log('error', 'configuration not loaded: nothing has changed', { errors })
  }

  found(found: readonly FoundDiagnostic[]): void {
    for (const { severity, message, code, at } of found.slice(0, loggedDiagnosticsMax))
      this.#log.log(severity === 'error' ? 'error' : 'warn', message, { code, at })
  }

  /** It holds in itself and cannot run. */
  refused(text: string, found: readonly FoundDiagnostic[] = []): ReloadAnswer {
    this.#failed = failedLoad(found, false, found.length > 0 ? '' : text)
    this.#log.log('error', 'configuration not loaded: nothing has changed', found.length > 0 ? {} : { error: text })
    return { ok: false, text: text.endsWith('\n') ? text : `${text}\n` }
  }

  /** It runs, but for `failures`. */
  adopted(
    { updated, started, stopped, untouched }: Switched,
    failures: readonly ComponentFailure[],
    { found, printed }: Pick<LoadResult, 'found' | 'printed'>,
  ): ReloadAnswer {
    this.#succeededAt = Date.now()
    const result = `${updated.length} updated, ${started.length} started, ${stopped.length} stopped, ${untouched} untouched`
    const inPart = failures.length > 0 || found.some(({ severity }) => severity === 'error')
    this.#log.log(inPart ? 'error' : 'info', inPart ? 'configuration loaded in part' : 'configuration loaded', {
      result,
    })
    if (!inPart) return { ok: true, text: `config reloaded\n${result}\n${printed}` }
    this.#failed = failedLoad(found, true, failuresText(failures))
    return { ok: false, text: `config reloaded in part\n${result}\n${printed}${failuresText(failures)}` }
  }
}

export function failuresText(failures: readonly ComponentFailure[]): string {
  return failures.map(({ id, message }) => `Cannot apply the configuration: ${id}: ${message}\n`).join('')
}

/** Without excerpts: a line of the configuration may hold a secret, and pages are read by more people than files. */
function failedLoad(found: readonly FoundDiagnostic[], inPart: boolean, text = ''): FailedLoad {
  const lines = found.map(({ at, severity, code, message }) => `${at}: ${severity}[${code}]: ${message}`)
  return { found: [...lines, ...(text === '' ? [] : [text])].join('\n'), inPart }
}
