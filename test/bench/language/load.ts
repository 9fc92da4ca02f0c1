/**
 * A program: what a folder's configuration costs in a process that does nothing else, as JSON. `node load.ts <folder> <what>`:
 * `steps`: parsing, resolving names and evaluating, each for the first time; `check`: parsing, then all that `ingot validate`
 * does with the result; `again`: checking the same once more, as a reload does, and evaluating again what depends on an export.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { decodeArguments, staticExports } from '@ingot/check'
import { LanguageChecks, validateConfiguration } from '@ingot/engine'
import { evaluateGraph, expand, type GraphEvaluation } from '@ingot/graph'
import { defaultCacheDir, prepareDistribution } from '@ingot/loader'
import { type ObjectValue, parse, type SourceFile, type Value } from '@ingot/syntax'
import { poolSizes } from './configuration.ts'

const [folder = '', what] = process.argv.slice(2)
const root = fileURLToPath(new URL('../../..', import.meta.url))
const cacheDir = defaultCacheDir(root)
const distribution = await prepareDistribution({ root, cacheDir })
const stabilityLevel = 'generally-available'
const checks = new LanguageChecks({ distribution, cacheDir, stabilityLevel })
const texts = readdirSync(folder).map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }))
/** CPU milliseconds, all threads of this process counted. */
const costs: Record<string, number> = {}
/** What pools export now; everything else exports what it does before it runs. */
const exported = new Map<string, ObjectValue>()

if (what === 'steps') graphOf(parsed())
if (what === 'check') {
  // As `ingot validate` does, which ends once it has checked.
  setFlagsFromString('--no-opt')
  check(parsed())
}
if (what === 'again') {
  await checkAgain()
  evaluateAgain(graphOf(parsed()))
}
process.stdout.write(JSON.stringify({ ...costs, peakRssMiB: process.resourceUsage().maxRSS / 1024 }))

function measure<T>(name: string, act: () => T): T {
  const before = process.cpuUsage()
  const result = act()
  const { user, system } = process.cpuUsage(before)
  costs[name] = (user + system) / 1000
  return result
}

function parsed(): readonly SourceFile[] {
  return measure('parse', () => texts.map(({ name, text }) => parse(name, text).file))
}

function check(files: readonly SourceFile[]): void {
  const { diagnostics } = measure('check', () => checks.validate(files, folder, new Map()))
  if (diagnostics.length > 0) throw new Error(`want no diagnostics, found ${JSON.stringify(diagnostics[0])}`)
}

function manifestOf(name: string) {
  return distribution.lookup(name)!.component
}

function graphOf(files: readonly SourceFile[]): GraphEvaluation {
  const components = new Set(distribution.components().map(({ name }) => name))
  const globals = new Set(Object.keys(checks.globals))
  const { graph, diagnostics } = measure('resolve', () =>
    expand({ files, modulePath: folder, components, globals, imports: new Map() }),
  )
  if (diagnostics.length > 0) throw new Error(`want no diagnostics, found ${JSON.stringify(diagnostics[0])}`)
  costs['components'] = [...graph.nodes.values()].filter(({ kind }) => kind === 'component').length
  const exports = (id: string): ObjectValue => {
    const node = graph.nodes.get(id)!
    const known = exported.get(id)
    const value = known ?? (node.kind === 'component' ? staticExports(manifestOf(node.component).exports, id) : {})
    if (!known) exported.set(id, value)
    return value
  }
  return measure('evaluate', () => evaluateGraph(graph, { exports }, { globals: checks.globals }))
}

async function checkAgain(): Promise<void> {
  const input = { configPath: folder, distribution, cacheDir, stabilityLevel, color: false } as const
  const rounds: number[] = []
  for (let round = 0; round < 6; round++) {
    const before = process.cpuUsage()
    const { errors } = await validateConfiguration(input)
    const { user, system } = process.cpuUsage(before)
    if (errors > 0) throw new Error(`want no errors, found ${errors}`)
    rounds.push((user + system) / 1000)
  }
  // The first ones are made by code that is not compiled yet.
  costs['again'] = median(rounds.slice(2))
}

/** Changes the targets of each pool, and does what the collector does then: evaluates, and decodes arguments. */
function evaluateAgain(evaluation: GraphEvaluation): void {
  const { graph } = evaluation
  for (const size of poolSizes) {
    const id = `discovery.relabel.pool_${size}`
    const rounds: number[] = []
    for (let round = 0; round < 40; round++) {
      const address: Value = `pool-${size}-${round}.example.net:9100`
      exported.set(id, { ...exported.get(id)!, output: [{ __address__: address }] })
      const before = process.cpuUsage()
      const evaluated = evaluation.reevaluate([id])
      for (const result of evaluated) {
        const node = graph.nodes.get(result.id)!
        if (node.kind === 'component') decodeArguments(manifestOf(node.component).arguments, result.block)
      }
      const { user, system } = process.cpuUsage(before)
      rounds.push((user + system) / 1000)
      costs[`evaluated ${size}`] = evaluated.length
    }
    costs[`reevaluate ${size}`] = median(rounds.slice(rounds.length / 2))
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!
}
