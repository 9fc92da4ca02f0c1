/** Compiles `snappy.as` to the WebAssembly that is kept beside it; the same source gives the same bytes. */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { main } from 'assemblyscript/asc'

const source = new URL('./snappy.as', import.meta.url)
export const kernelFile = new URL('./snappy.wasm', import.meta.url)

export async function buildKernel(): Promise<Uint8Array> {
  let built: Uint8Array | undefined
  const flags = ['-O3', '--runtime', 'stub', '--noAssert', '--initialMemory', '32']
  const { error, stderr } = await main(['snappy.ts', '--outFile', 'snappy.wasm', ...flags], {
    readFile: (name) => (name === 'snappy.ts' ? readFileSync(source, 'utf8') : null),
    writeFile: (_name, contents) => {
      if (typeof contents !== 'string') built = contents
    },
    listFiles: () => [],
  })
  if (error || !built)
    throw new Error(`Cannot compile ${fileURLToPath(source)}: ${error?.message}\n${stderr.toString()}`)
  return built
}

if (import.meta.main) writeFileSync(kernelFile, await buildKernel())
