import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider, type JWK } from 'oidc-provider'
import { exportJWK, generateKeyPair } from 'jose'

const client = { id: 'ci', secret: 'a secret of the tests' }

/** A real OpenID provider on this machine that vouches for workflows: it signs what it is told of them. */
export class IdentityProvider {
  readonly issuer: string
  readonly #server: Server
  #claims: Record<string, unknown> = {}
  #keysAsked = 0

  private constructor(server: Server) {
    this.#server = server
    this.issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  /** `port`: that of one before, which had other keys. */
  static async start(port = 0): Promise<IdentityProvider> {
    const server = createServer()
    await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening))
    const started = new IdentityProvider(server)
    const { privateKey } = await generateKeyPair('RS256', { extractable: true })
    const provider = new Provider(started.issuer, {
      jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig' } as JWK] },
      clients: [
        {
          client_id: client.id,
          client_secret: client.secret,
          grant_types: ['client_credentials'],
          redirect_uris: [],
          response_types: [],
        },
      ],
      extraTokenClaims: () => started.#claims,
      features: {
        devInteractions: { enabled: false },
        clientCredentials: { enabled: true },
        resourceIndicators: {
          enabled: true,
          getResourceServerInfo: (_context, resource) => ({
            scope: 'publish',
            audience: resource,
            accessTokenFormat: 'jwt',
            accessTokenTTL: 300,
          }),
        },
      },
    })
    const handle = provider.callback()
    server.on('request', (request, response) => {
      if (request.url === '/jwks') started.#keysAsked++
      void handle(request, response)
    })
    return started
  }

  /** How often its keys were asked for. */
  get keysAsked(): number {
    return this.#keysAsked
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** An identity for an audience, signed by the provider. */
  async sign(audience: string, claims: Record<string, unknown>): Promise<string> {
    this.#claims = claims
    const answer = await fetch(`${this.issuer}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${client.id}:${encodeURIComponent(client.secret)}`)}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', resource: audience, scope: 'publish' }),
    })
    const { access_token: token } = (await answer.json()) as { access_token?: string }
    if (token === undefined) throw new Error(`The provider signs nothing: status ${answer.status}`)
    return token
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((closed) => this.#server.close(closed))
  }
}
