import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'

const main = fileURLToPath(new URL('../../cli/src/main.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'ingot-command-line-'))
afterAll(() => rmSync(folder, { recursive: true }))

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** `ingot <args> <file with the text>`, as from a shell. */
function ingot(text: string, ...args: string[]): Promise<Ended> {
  const path = join(folder, 'config.alloy')
  writeFileSync(path, text)
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args, path], (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr })
    })
  })
}

const idle = 'loki.write "idle" {\n\tendpoint {\n\t\turl = "http://127.0.0.1:1"\n\t}\n}\n'
const absent = 'otelcol.exporter.googlecloud "a" { }\n'
const pipeline = `loki.source.file "a" {
	targets    = []
	forward_to = [loki.write.b.receiver]
}

loki.write "b" { }
`

test('ingot validate warns of what does nothing, and the configuration holds', async () => {
  const { code, stdout, stderr } = await ingot(idle, 'validate')
  expect([code, stdout]).toEqual([0, ''])
  expect(stderr).toContain('config.alloy:1:1: warning[unused-component]: loki.write.idle does nothing')
})

test('ingot validate --format json prints a document on standard output', async () => {
  const { code, stdout, stderr } = await ingot(`${idle}\nloki.write "x" {\n\tmax = 1\n}\n`, 'validate', '--format=json')
  expect([code, stderr]).toEqual([1, ''])
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { code: string; range: { start: unknown } }[] }
  const found = diagnostics.find((each) => each.code === 'unknown-argument')
  expect(found?.range.start).toEqual({ line: 8, column: 2 })
})

test('ingot validate --format sarif prints a log on standard output', async () => {
  const { code, stdout } = await ingot(idle, 'validate', '--format', 'sarif')
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ version: '2.1.0', runs: [{ results: [{ ruleId: 'unused-component' }] }] })
})

test('ingot validate knows what only Alloy has, and what the community maintains', async () => {
  const refused = await ingot(absent, 'validate')
  expect(refused.code).toBe(1)
  expect(refused.stderr).toContain('known in Alloy, not yet in Ingot')
  expect(refused.stderr).toContain('error[community-component]')
  const allowed = await ingot(absent, 'validate', '--feature.community-components.enabled=true')
  expect(allowed.stderr).toContain('error[not-yet-available]')
  expect(allowed.stderr).not.toContain('community-component')
})

test('ingot run refuses what only Alloy has, and does not warn', async () => {
  const { code, stderr } = await ingot(`${idle}\n${absent}`, 'run')
  expect(code).toBe(1)
  expect(stderr).toContain('error[not-yet-available]')
  expect(stderr).not.toContain('unused-component')
})

test('ingot graph draws what it can of a configuration', async () => {
  const dot = await ingot(pipeline, 'graph')
  expect(dot.code).toBe(0)
  expect(dot.stdout).toContain('"loki.source.file.a" -> "loki.write.b"')
  const svg = await ingot(`${pipeline}\n${absent}`, 'graph', '--format', 'svg')
  expect(svg.code).toBe(1)
  expect(svg.stdout).toMatch(/^<svg [\s\S]*otelcol\.exporter\.googlecloud[\s\S]*<\/svg>\n$/)
  expect(svg.stderr).toContain('not-yet-available')
})
