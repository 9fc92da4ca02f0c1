import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { freePort, ServerProcess } from './process.ts'

/** Serves a folder with a real nginx that knows nothing of registries. */
export async function serveWithNginx(nginx: string, folder: string): Promise<string> {
  const prefix = mkdtempSync(join(tmpdir(), 'ingot-nginx-'))
  onTestFinished(() => rmSync(prefix, { recursive: true, force: true }))
  const port = await freePort()
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${prefix}/${name};`,
  )
  const config = `daemon off; worker_processes 1; pid ${prefix}/pid; error_log stderr;
    ${process.getuid?.() === 0 ? 'user root;' : ''}
    events { }
    http { access_log off; ${temporary.join(' ')} server { listen 127.0.0.1:${port}; root ${folder}; } }`
  writeFileSync(join(prefix, 'nginx.conf'), config)
  const server = new ServerProcess(nginx, ['-p', prefix, '-e', 'stderr', '-c', join(prefix, 'nginx.conf')])
  onTestFinished(() => server.stop())
  await server.untilAnswers(`http://127.0.0.1:${port}/.well-known/ingot.json`)
  return `http://127.0.0.1:${port}`
}
