import { defineComponent, duration, optionalSecret, Secret } from '@ingot/sdk'
import { z } from 'zod'

/** A file is exported as one value: larger ones are no configuration. */
const fileBytesMax = 16 * 2 ** 20

export default defineComponent({
  name: 'local.file',
  stability: 'generally-available',
  summary: 'Exports the content of a file and follows its changes.',
  docs: `The file is read when it changes, and every \`poll_frequency\` in any case. While it cannot be read the component
is unhealthy and its last content stays exported.`,
  arguments: z.strictObject({
    filename: z.string().min(1).describe('File to read.'),
    detector: z
      .enum(['fsnotify', 'poll'])
      .default('fsnotify')
      .describe('How changes are noticed: by events of the file system (and polling), or by polling alone.'),
    poll_frequency: duration().prefault('1m').describe('Time between two reads.'),
    is_secret: z.boolean().default(false).describe('Whether the content is a secret.'),
  }),
  exports: z.object({ content: optionalSecret().describe('Content of the file.') }),
  capabilities: {
    'fs.read': [{ why: 'Reads the file.', from: 'filename' }],
    'fs.watch': [{ why: 'Notices changes of the file.', from: 'filename' }],
    clock: [{ why: 'Reads the file again after some time.' }],
  },
  async run({ args, env, signal, setExports, setHealth }) {
    const accessed = env.metrics.gauge(
      'local_file_timestamp_last_accessed_unix_seconds',
      'Time of the last successful read.',
    )
    let wake: () => void = () => undefined
    let changed = false
    const onChange = () => {
      changed = true
      wake()
    }
    if (args.detector === 'fsnotify') {
      try {
        env.watch.watch(args.filename, onChange, { signal })
      } catch (error) {
        env.log.warn('file cannot be watched; it is only polled', { filename: args.filename, error: String(error) })
      }
    }
    while (!signal.aborted) {
      changed = false
      try {
        const content = await env.fs.readText(args.filename, { bytesMax: fileBytesMax })
        setExports({ content: args.is_secret ? new Secret(content) : content })
        accessed.set(env.clock.now() / 1000)
        setHealth('healthy', 'read file')
      } catch (error) {
        setHealth('unhealthy', `failed to read file: ${error instanceof Error ? error.message : String(error)}`)
      }
      if (changed) continue
      const pause = new AbortController()
      wake = () => pause.abort()
      signal.addEventListener('abort', wake)
      await env.clock.sleep(args.poll_frequency, { signal: pause.signal }).catch(() => undefined)
      signal.removeEventListener('abort', wake)
    }
  },
})
