import { hostname, userInfo } from 'node:os'
import { text } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import { callerDescription, deviceAnswer, deviceTokenAnswer, signInAnswer } from '@ingot/manifest'
import type { Command } from 'commander'
import { z } from 'zod'
import { Credentials, type Credential } from '../account/credentials.ts'
import { RegistryApi, registryUrl } from '../account/registry-api.ts'
import { addOtpFlag, addRegistryFlags, print, type RegistryFlags } from '../account/registry-flags.ts'
import { CommandError } from '../command-error.ts'

interface LoginFlags extends RegistryFlags {
  readonly user?: string
  readonly passwordStdin?: true
}

/** `ingot module login|logout|whoami`: a session of the command line's own, which its user sees and can end on their account page. */
export function registerLogin(module: Command): void {
  addOtpFlag(addRegistryFlags(module.command('login')))
    .description('signs in to a registry: shows a code to type in a browser that is signed in')
    .option('--user <name>', 'signs in with a password instead, for machines without a browser')
    .option('--password-stdin', 'reads the password from standard input')
    .action(login)
  addRegistryFlags(module.command('logout')).description('signs out, here and in the registry').action(logout)
  addRegistryFlags(module.command('whoami')).description('tells who the registry takes you for').action(whoami)
}

async function login(flags: LoginFlags): Promise<void> {
  const url = await registryUrl(flags.registry)
  const api = new RegistryApi(url)
  const got = flags.user === undefined ? await byCode(api) : await byPassword(api, flags)
  await new Credentials().set(url, got)
  const { user, expiresAt } = got
  print(flags, { registry: url, user, expiresAt }, `signed in to ${url} as ${user} until ${expiresAt}\n`)
}

async function byCode(api: RegistryApi): Promise<Credential> {
  const body = { client: `ingot of ${userInfo().username} on ${hostname()}`.slice(0, 100) }
  const begun = await api.json(deviceAnswer, 'POST', '/device', { body, token: '' })
  process.stderr.write(`open ${begun.verificationUrl}\nand compare the code: ${begun.userCode}\n`)
  while (new Date(begun.expiresAt) > new Date()) {
    const polled = await api.send('POST', '/device/token', { body: { deviceCode: begun.deviceCode }, token: '' })
    if (polled.status === 200) return deviceTokenAnswer.parse(JSON.parse(polled.text))
    await setTimeout(begun.intervalSeconds * 1000)
  }
  throw new CommandError('Cannot sign in: nobody has said yes in time', 'try again: ingot module login')
}

async function byPassword(api: RegistryApi, { user, passwordStdin, otp }: LoginFlags): Promise<Credential> {
  if (!passwordStdin) {
    throw new CommandError(
      'Cannot sign in without a password: want --password-stdin',
      `echo "$PASSWORD" | ingot module login --user ${user} --password-stdin`,
    )
  }
  const password = (await text(process.stdin)).replace(/\r?\n$/, '')
  const body = { user, password, kind: 'command line', client: `ingot on ${hostname()}`.slice(0, 100) }
  const answer = await api.json(signInAnswer, 'POST', '/session', { body, token: '' })
  const token = answer.token!
  if (answer.secondFactors.length === 0) return { token, user: answer.user, expiresAt: answer.expiresAt }
  if (otp === undefined) {
    throw new CommandError(`Cannot sign in with a password alone: ${user} has a second factor`, 'add --otp <code>')
  }
  const finished = { body: { totp: otp }, token }
  const { expiresAt } = await api.json(z.object({ expiresAt: z.string() }), 'POST', '/session/second-factor', finished)
  return { token, user: answer.user, expiresAt }
}

async function logout(flags: RegistryFlags): Promise<void> {
  const url = await registryUrl(flags.registry)
  const credentials = new Credentials()
  const before = await credentials.find(url)
  if (!before) return print(flags, { registry: url, user: null }, `not signed in to ${url}\n`)
  // What is forgotten here must not be waiting there; where the registry is gone or has ended it, forgetting is all.
  await new RegistryApi(url).send('DELETE', '/session', { token: before.token }).catch((error: unknown) => {
    process.stderr.write(`warning: the registry was not told: ${(error as Error).message}\n`)
  })
  await credentials.set(url, undefined)
  print(flags, { registry: url, user: before.user }, `signed out of ${url}\n`)
}

async function whoami(flags: RegistryFlags): Promise<void> {
  const url = await registryUrl(flags.registry)
  const caller = await new RegistryApi(url).json(callerDescription, 'GET', '/session')
  if (caller.kind === 'anonymous') {
    throw new CommandError(`Not signed in to ${url}`, `ingot module login --registry ${url}`)
  }
  const who = caller.user?.name ?? caller.token?.description ?? caller.kind
  const token = caller.token
    ? `, by a token that may ${caller.token.permissions.join(', ')} for ${caller.token.modules}`
    : ''
  const scopes = caller.scopes.map(({ name, role }) => `  ${role} of ${name}\n`).join('')
  print(flags, { registry: url, ...caller }, `${who} in ${url}${token}\n${scopes}`)
}
