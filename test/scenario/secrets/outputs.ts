import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Collector } from '../../servers/ingot.ts'

/** Everything that a running collector lets out, by where it was found. */
export async function outputsOf(collector: Collector, headers: Record<string, string>): Promise<Map<string, string>> {
  const outputs = new Map([['standard output and error', collector.process.output]])
  const read = async (path: string): Promise<string> => {
    const response = await fetch(`http://${collector.address}${path}`, { headers })
    const text = `${JSON.stringify([...response.headers])}\n${await response.text()}`
    outputs.set(path, text)
    return text.slice(text.indexOf('\n') + 1)
  }
  for (const path of ['/', '/metrics', '/-/ready', '/-/healthy', '/-/support', '/graph', '/clustering', '/remotecfg'])
    await read(path)
  await read('/api/v0/ingot/live')
  await read('/api/v0/web/peers')
  const components = JSON.parse(await read('/api/v0/web/components')) as readonly { readonly localID: string }[]
  for (const { localID } of components) {
    for (const path of ['/component/', '/debug/', '/api/v0/web/components/', '/api/v0/web/debug/'])
      await read(path + localID)
    await read(`/api/v0/component/${localID}/metrics`)
  }
  for (const pid of childrenOf(collector)) {
    for (const file of ['cmdline', 'environ']) outputs.set(`runner's ${file}`, textOf(`/proc/${pid}/${file}`))
  }
  for (const name of readdirSync(join(collector.dir, 'data'), { recursive: true, encoding: 'utf8' })) {
    outputs.set(name, textOf(join(collector.dir, 'data', name)))
  }
  return outputs
}

/** The processes that a collector has started. */
export function childrenOf(collector: Collector): readonly number[] {
  const tasks = `/proc/${collector.process.pid}/task`
  return readdirSync(tasks).flatMap((task) =>
    textOf(join(tasks, task, 'children'))
      .split(' ')
      .filter(Boolean)
      .map(Number),
  )
}

/** A file's text; nothing for a folder, and for a file or process that is gone by now. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
