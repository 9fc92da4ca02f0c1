import { readdirSync, readFileSync, statSync } from 'node:fs'
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
  for (const [name, text] of processes(collector.process.pid)) outputs.set(name, text)
  for (const path of filesIn(join(collector.dir, 'data'))) outputs.set(path, readFileSync(path, 'latin1'))
  return outputs
}

/** How the children of a process were started, and with what environment. */
function* processes(pid: number): Iterable<[name: string, text: string]> {
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    for (const child of readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean)) {
      for (const file of ['cmdline', 'environ'])
        yield [`runner's ${file}`, readFileSync(`/proc/${child}/${file}`, 'utf8')]
    }
  }
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
}
