import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { WorkerChecker } from './worker-checker.ts'

const request = { files: [{ name: 'a.alloy', text: '' }], overlays: [] }
const thread = (act: string) => {
  const code = `const { parentPort } = require('node:worker_threads')\nparentPort.on('message', () => { ${act} })`
  return new Worker(code, { eval: true, stderr: true })
}

test.each(['throw new Error("out of order")', 'process.exit(3)'])(
  'WorkerChecker fails a check whose thread ends with %s, and makes the next one in a new thread',
  async (ending) => {
    const threads = [ending, 'parentPort.postMessage({ answer: { diagnostics: [], imports: [] } })']
    const checker = new WorkerChecker(() => thread(threads.shift()!))
    const first = checker.check(request)
    const second = checker.check(request)
    await expect(first).rejects.toThrow()
    await expect(second).resolves.toEqual({ diagnostics: [], imports: [] })
    await checker.close()
  },
)

test('WorkerChecker passes on why a check could not be made', async () => {
  const checker = new WorkerChecker(() => thread('parentPort.postMessage({ error: "Cannot check: no cache" })'))
  await expect(checker.check(request)).rejects.toThrow('Cannot check: no cache')
  await checker.close()
})
