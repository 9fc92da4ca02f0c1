/** The files of a new module, by path: small enough to be read in a minute, and complete. */
export function moduleTemplate(name: string): Readonly<Record<string, string>> {
  const namespace = name.slice(name.indexOf('/') + 1).replaceAll('-', '_')
  return {
    'package.json': `${JSON.stringify({ private: true, type: 'module', scripts: { test: 'ingot module test' } }, null, 2)}\n`,
    'module.ts': moduleFile(name),
    'keep/component.ts': component,
    'keep/component.test.ts': componentTest,
    'examples/keep.alloy': example(name, namespace),
    'README.md': readme(name, namespace),
    'CHANGELOG.md': '# Changes\n\n## 0.1.0\n\nThe first version.\n',
  }
}

const moduleFile = (name: string): string => `export default {
  name: '${name}',
  version: '0.1.0',
  description: 'Keeps the log entries that matter.',
  license: 'Apache-2.0',
  components: ['keep'],
}
`

const component = `import { defineComponent, delivered, receiver, receivers } from '@ingot/sdk'
import { lineText, selectLines } from '@ingot/telemetry'
import { z } from 'zod'

export default defineComponent({
  name: 'keep',
  stability: 'generally-available',
  summary: 'Keeps log entries whose line contains a text, and drops the others.',
  arguments: z.strictObject({
    containing: z.string().min(1).describe('Text that a line must contain.'),
    forward_to: receivers('loki.logs').describe('Where the kept entries go.'),
  }),
  exports: z.object({ receiver: receiver('loki.logs').describe('Takes entries.') }),
  settles: 'with delivery',
  run({ args, env, ledger, receive }) {
    receive('receiver', async (batch) => {
      const kept: number[] = []
      for (let i = 0; i < batch.count; i++) {
        if (lineText(batch, i, env.text).includes(args.containing)) kept.push(i)
      }
      const outcome = kept.length === 0 ? delivered : await args.forward_to.emit(selectLines(batch, kept))
      // A refused batch is sent again by whoever sent it: what is dropped of it is counted then.
      if (outcome.status !== 'refused') ledger.dropped(batch.count - kept.length, 'no_match')
      return outcome
    })
  },
})
`

const componentTest = `import { Labels, lineText, LogsBatchBuilder, type LogsBatch } from '@ingot/telemetry'
import { runComponent, testComponent } from '@ingot/testing'
import { expect, test } from 'vitest'
import keep from './component.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const text = { encode: (line: string) => encoder.encode(line), decode: (bytes: Uint8Array) => decoder.decode(bytes) }

function batchOf(...lines: string[]): LogsBatch {
  const builder = new LogsBatchBuilder()
  const stream = builder.stream(Labels.from([['job', 'test']]))
  for (const line of lines) {
    const bytes = encoder.encode(line)
    builder.append(stream, bytes, 0, bytes.length, 1_700_000_000, 0)
  }
  return builder.build()
}

// What every component must do: describe itself, refuse unknown arguments, stop in time, leave nothing behind.
testComponent(keep, { args: { containing: 'error' } }, { test })

test('keep passes on the lines that contain the text', async () => {
  const running = await runComponent(keep, { args: { containing: 'error' } })
  await running.send('receiver', batchOf('an error', 'all is well', 'another error'))
  const [batch] = running.outputs.forward_to!.batches as LogsBatch[]
  expect(Array.from({ length: batch!.count }, (_, i) => lineText(batch!, i, text))).toEqual(['an error', 'another error'])
  await running.stop()
})
`

const example = (name: string, namespace: string): string => `import.module "${namespace}" {
  module  = "${name}"
  version = "^0.1.0"
}

loki.source.file "app" {
  targets    = [{__path__ = "/var/log/app.log"}]
  forward_to = [${namespace}.keep.errors.receiver]
}

${namespace}.keep "errors" {
  containing = "error"
  forward_to = [loki.write.main.receiver]
}

loki.write "main" {
  endpoint {
    url = "http://127.0.0.1:3100/loki/api/v1/push"
  }
}
`

const readme = (name: string, namespace: string): string => `# ${name}

Keeps the log entries that matter.

\`\`\`alloy
${namespace}.keep "errors" {
  containing = "error"
  forward_to = [loki.write.main.receiver]
}
\`\`\`

- \`ingot module test\` runs the tests
- \`ingot module publish --registry <url> --token <token>\` publishes it
`
