import type { InstanceJson } from '@ingot/engine'
import type { Command } from 'commander'
import { askCollector } from '../ask-collector.ts'
import { CommandError } from '../command-error.ts'

interface Flags {
  readonly url: string
  readonly json?: boolean
}

/** A component with all that is told of it; events and samples are bounded where they are kept. */
const answerBytesMax = 16 * 2 ** 20

/** `ingot module inspect`: what a running component's module asked for, got, used and was denied, and what its runner did. */
export function registerInspect(module: Command): void {
  module
    .command('inspect')
    .description('shows what the module of a running component requests, was granted, used and was denied')
    .argument('<component id>', '"redact.pii.main"')
    .option('--url <url>', "address of the collector's HTTP server", 'http://127.0.0.1:12345')
    .option('--json', 'prints what the collector answers')
    .action(inspect)
}

async function inspect(component: string, { url, json = false }: Flags): Promise<void> {
  const path = `/api/v0/ingot/components/${component}`
  const answer = await askCollector({ what: 'inspect', method: 'GET', path, url })
  let text = ''
  for await (const chunk of answer) {
    text += String(chunk)
    if (text.length > answerBytesMax) throw new CommandError('Cannot inspect: the answer is too long')
  }
  const instance = JSON.parse(text) as InstanceJson
  process.stdout.write(json ? `${JSON.stringify(instance, undefined, 2)}\n` : `${describe(component, instance)}\n`)
}

function describe(id: string, { module, room, health, warnings, capabilities, runner }: InstanceJson): string {
  const lines = [
    `${id}  ${module ?? 'a custom component'}, in a ${room ?? 'scope'}`,
    `${health.state}: ${health.message}`,
    ...warnings.map((warning) => `warning: ${warning}`),
  ]
  for (const { name, requested, granted, targets, used, denied, denials } of capabilities) {
    lines.push(
      '',
      `${name}: used ${used} times, denied ${denied}${used + denied === 0 ? ' (declared, never used)' : ''}`,
    )
    for (const [why, some] of Map.groupBy(requested, (request) => request.why)) {
      const what = some.flatMap(({ from, values }) => [...(from === undefined ? [] : [from]), ...(values ?? [])])
      lines.push(`  requested  ${why}${what.length === 0 ? '' : ` (${what.join(', ')})`}`)
    }
    const hasTargets = requested.some(({ from, values }) => from !== undefined || values !== undefined)
    const byArguments = `${Math.max(0, targets - granted.length)} by its arguments`
    lines.push(`  granted    ${hasTargets ? [...granted, byArguments].join(', ') : 'it has no targets'}`)
    for (const { at, target, reason } of denials) lines.push(`  denied     ${at} "${target}": ${reason}`)
  }
  if (runner) lines.push('', ...describeRunner(runner))
  return lines.join('\n')
}

function describeRunner(runner: NonNullable<InstanceJson['runner']>): string[] {
  const { usage, endedCpuMs, endedPeakRssBytes, quarantined, events, batches, deadLetters } = runner
  const cpuSeconds = ((usage?.cpuMs ?? 0) + endedCpuMs) / 1_000
  const peak = Math.max(usage?.peakRssBytes ?? 0, endedPeakRssBytes)
  const now = usage ? `process ${usage.pid}, ${mebibytes(usage.residentBytes)} now, ` : 'no process, '
  return [
    `runner: ${now}${mebibytes(peak)} at most, ${cpuSeconds.toFixed(1)} s of CPU time`,
    ...(usage && usage.shared.length > 0 ? [`  shared with ${usage.shared.join(', ')}`] : []),
    ...(quarantined === undefined ? [] : [`  quarantined: ${quarantined}`]),
    ...events.map(
      ({ at, what, reason, detail, batch, lastCall }) =>
        `  ${at} ${what} ended: ${reason}${detail === undefined ? '' : `, ${detail}`}${batch === undefined ? '' : `, batch ${batch}`}${lastCall === undefined ? '' : `, last call ${lastCall}`}`,
    ),
    `  ${batches.total} batches set aside, ${deadLetters.total} samples of failed ones`,
  ]
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`
}
