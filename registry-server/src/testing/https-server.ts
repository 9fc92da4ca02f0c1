import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** A real HTTPS server on this machine, whose certificate is for one name and signed by itself. */
export class HttpsServer {
  readonly ca: string
  readonly port: number
  readonly requests: string[] = []
  readonly #server: Server

  private constructor(server: Server, ca: string) {
    this.#server = server
    this.ca = ca
    this.port = (server.address() as AddressInfo).port
  }

  static async start(
    name: string,
    answer: (request: IncomingMessage, response: ServerResponse) => void,
  ): Promise<HttpsServer> {
    const dir = await mkdtemp(join(tmpdir(), 'ingot-https-'))
    const [keyFile, certFile] = [join(dir, 'key.pem'), join(dir, 'cert.pem')]
    const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
    const named = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`]
    await promisify(execFile)('openssl', ['req', '-x509', ...made, '-keyout', keyFile, '-out', certFile, ...named])
    const [key, cert] = [await readFile(keyFile, 'utf8'), await readFile(certFile, 'utf8')]
    await rm(dir, { recursive: true })
    const server = createServer({ key, cert })
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    const started = new HttpsServer(server, cert)
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      started.requests.push(request.url ?? '')
      answer(request, response)
    })
    return started
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((closed) => this.#server.close(closed))
  }
}
