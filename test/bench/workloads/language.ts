import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { companyConfiguration, poolSizes } from '../language/configuration.ts'
import { measureTyping } from '../language/typing.ts'

/** One line of the table: what, what it may be at most, and what it is. */
export interface LanguageFigure {
  readonly what: string
  readonly wanted: string
  readonly measured: string
}

const root = fileURLToPath(new URL('../../..', import.meta.url))
const run = promisify(execFile)
/** Each figure is the median of so many processes. */
const processes = 5

/** The configuration language at a size that few reach (workload C1). */
export async function measureLanguage(components: number, fileCount: number): Promise<readonly LanguageFigure[]> {
  const files = companyConfiguration(components, fileCount)
  const folder = mkdtempSync(join(tmpdir(), 'ingot-language-'))
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
    const steps = await load(folder, 'steps')
    const check = await load(folder, 'check')
    const again = await load(folder, 'again')
    const resolveAndCheck = check['check']! - steps['evaluate']!
    const bytes = Object.values(files).reduce((sum, text) => sum + text.length, 0)
    const typing = await measureTyping(files)
    return [
      row('components', '', steps['components']!.toFixed(0)),
      row('files; megabytes', '', `${fileCount}; ${(bytes / 1e6).toFixed(1)}`),
      row('parse', '', cpu(check['parse']!)),
      row('resolve names', '', cpu(steps['resolve']!)),
      row('check types', '', cpu(resolveAndCheck - steps['resolve']!)),
      row('parse, resolve and check', '1000 ms CPU', cpu(check['parse']! + resolveAndCheck)),
      row('first evaluation', '2000 ms CPU', cpu(steps['evaluate']!)),
      row('ingot validate, the whole process', '', cpu(await validateProcess(folder))),
      row('check the same again (a reload)', '', cpu(again['again']!)),
      row('peak memory of a check', '', `${check['peakRssMiB']!.toFixed(0)} MiB`),
      ...poolSizes.map((size) => {
        const [ms, evaluated] = [again[`reevaluate ${size}`]!, again[`evaluated ${size}`]!]
        const each = `${((ms / evaluated) * 1000).toFixed(0)} µs each of ${evaluated} nodes`
        return row(`an export with ${size} readers changes`, '', `${ms.toFixed(2)} ms CPU, ${each}`)
      }),
      row('editor: first completion', '', `${typing.first.toFixed(0)} ms`),
      row(
        `editor: completion, ${typing.fast.length} letters`,
        '30 ms',
        `${quantiles(typing.fast)}; ${typing.fastCpu.toFixed(1)} ms CPU`,
      ),
      row(`editor: completion while checking, ${typing.slow.length} letters`, '30 ms', quantiles(typing.slow)),
      row('editor: diagnostics after an edit', '', quantiles(typing.diagnostics)),
      row('editor: peak memory', '', `${typing.peakRssMiB.toFixed(0)} MiB`),
    ]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function row(what: string, wanted: string, measured: string): LanguageFigure {
  return { what, wanted, measured }
}

function cpu(ms: number): string {
  return `${ms.toFixed(0)} ms CPU`
}

function quantiles(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (q: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))]!.toFixed(1)
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`
}

/** The medians of what `load.ts` says. */
async function load(folder: string, what: 'steps' | 'check' | 'again'): Promise<Readonly<Record<string, number>>> {
  const program = fileURLToPath(new URL('../language/load.ts', import.meta.url))
  const runs: Readonly<Record<string, number>>[] = []
  for (let count = 0; count < processes; count++) {
    const { stdout } = await run(process.execPath, [program, folder, what])
    runs.push(JSON.parse(stdout) as Readonly<Record<string, number>>)
  }
  return Object.fromEntries(Object.keys(runs[0]!).map((name) => [name, median(runs.map((each) => each[name]!))]))
}

/** CPU milliseconds of `ingot validate` as a user starts it, with what it starts. */
async function validateProcess(folder: string): Promise<number> {
  const times: number[] = []
  for (let count = 0; count < processes; count++) {
    const script = '"$0" validate "$1" && times'
    const { stdout } = await run('sh', ['-c', script, join(root, 'ingot'), folder])
    const [, children = ''] = stdout.trim().split('\n')
    times.push([...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce((sum, [, m, s]) => sum + (+m! * 60 + +s!) * 1000, 0))
  }
  return median(times)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!
}
