import { Resolver as NameServers } from 'node:dns/promises'
import { get, type GetOptions } from '../outbound/get.ts'
import { wantedPlaces, wantedText, type Claim } from './claim.ts'

const dnsTimeoutMs = 5_000
const dnsTries = 2
/** The file has a line for each scope. */
const fileBytesMax = 64 * 2 ** 10
const messageCharactersMax = 300

/** How the world is asked. */
export interface ProofOptions extends GetOptions {
  /** `127.0.0.1:53`; without any, those of the machine. */
  readonly nameServers?: readonly string[] | undefined
}

/** Looks for what proves a claim. Nothing: it is there; otherwise what was found in its place. */
export async function lookForProof(claim: Claim, options: ProofOptions): Promise<string | undefined> {
  const problem = await (claim.kind === 'dns' ? inDns(claim, options) : inRepository(claim, options))
  return problem?.slice(0, messageCharactersMax)
}

async function inDns(claim: Claim, { nameServers }: ProofOptions): Promise<string | undefined> {
  const [name] = wantedPlaces(claim)
  const resolver = new NameServers({ timeout: dnsTimeoutMs, tries: dnsTries })
  if (nameServers) resolver.setServers([...nameServers])
  try {
    const records = (await resolver.resolveTxt(name)).map((parts) => parts.join(''))
    if (records.includes(wantedText(claim))) return undefined
    return `found ${records.length} TXT record(s) of ${name}, and none is the one that is wanted`
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOTFOUND' || code === 'ENODATA') return `found no TXT record of ${name}`
    return `cannot ask for the TXT records of ${name}: ${code ?? message}`
  }
}

async function inRepository(claim: Claim, options: ProofOptions): Promise<string | undefined> {
  const problems: string[] = []
  for (const url of wantedPlaces(claim)) {
    try {
      const bytes = await get(url, fileBytesMax, options)
      const lines = bytes && Buffer.from(bytes).toString().split(/\r?\n/)
      if (lines?.some((line) => line.trim() === wantedText(claim))) return undefined
      problems.push(lines ? `the file ${url} lacks the line` : `found no file ${url}`)
    } catch (error) {
      problems.push(`cannot read ${url}: ${(error as Error).message}`)
    }
  }
  return problems.join('; ')
}
