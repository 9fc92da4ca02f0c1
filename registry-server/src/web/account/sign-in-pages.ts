import type { Problem } from '../../problem.ts'
import { assets } from '../assets/assets.ts'
import { html, type Html } from '../html.ts'
import { page } from '../layout.ts'

/** `/sign-in` */
export function signInPage(next: string, problem?: Problem): string {
  return smallPage(
    'Sign in',
    problem,
    html`<form class="fields-form card" method="post" action="/sign-in">
        <input type="hidden" name="next" value="${next}" />
        <label>Name <input name="user" autocomplete="username" required maxlength="100" autofocus /></label>
        <label
          >Password <input type="password" name="password" autocomplete="current-password" required maxlength="200"
        /></label>
        <button>Sign in</button>
        <p class="small faint">
          Accounts are made by those who run the registry; they send a link to choose a password with.
        </p>
      </form>
      ${passkeyForm('sign-in', next)}`,
  )
}

/** `/sign-in/second-factor` */
export function secondFactorPage(next: string, problem?: Problem): string {
  return smallPage(
    'Second factor',
    problem,
    html`<form class="fields-form card" method="post" action="/sign-in/second-factor">
        <input type="hidden" name="next" value="${next}" />
        <label
          >Code of your authenticator, or a recovery code
          <input name="code" autocomplete="one-time-code" inputmode="text" required maxlength="40" autofocus
        /></label>
        <button>Go on</button>
      </form>
      ${passkeyForm('second-factor', next)}`,
  )
}

/** Shown by the script that can use it. */
function passkeyForm(purpose: 'sign-in' | 'second-factor', next: string): Html {
  return html`<form class="stack" data-passkey="${purpose}" data-next="${next}" hidden>
    <button class="quiet">${purpose === 'sign-in' ? 'Sign in with a passkey' : 'Use a passkey'}</button>
    <p class="banner bad" role="alert" hidden></p>
  </form>`
}

/** `/set-up` */
export function setUpPage(link: string, problem?: Problem): string {
  return smallPage(
    'Choose a password',
    problem,
    html`<form class="fields-form card" method="post" action="/set-up">
      <input type="hidden" name="link" value="${link}" />
      <label
        >Password, long rather than odd
        <input type="password" name="password" autocomplete="new-password" required maxlength="200" autofocus
      /></label>
      <button>Begin</button>
    </form>`,
  )
}

export interface DeviceLogin {
  readonly code: string
  /** What the command line calls itself; nothing where no code was given yet. */
  readonly client: string | undefined
}

/** `/device`: a command line that wants to be signed in. */
export function devicePage({ code, client }: DeviceLogin): string {
  const body =
    client === undefined
      ? html`<form class="fields-form card" action="/device">
          <label
            >The code that the command line shows
            <input name="code" placeholder="BCDF-GHJK" required maxlength="20" autofocus
          /></label>
          <button>Go on</button>
        </form>`
      : html`<form class="fields-form card" method="post" action="/device">
          <p>
            <strong>${client}</strong> wants to act as you, with the code <code>${code}</code>. Say yes only if you have
            just asked for it, and the code is the one that it shows.
          </p>
          <input type="hidden" name="code" value="${code}" />
          <p class="row">
            <button name="answer" value="yes">Yes, sign it in</button>
            <button class="quiet" name="answer" value="no">No</button>
          </p>
        </form>`
  return smallPage('Sign a command line in', undefined, body)
}

/** A page with one thing to do. */
export function smallPage(title: string, problem: Problem | undefined, body: Html): string {
  return page({
    title: `${title} · Ingot registry`,
    description: title,
    search: true,
    scripts: [assets.passkey],
    body: html`<div class="small-page stack">
      <h1>${title}</h1>
      ${problem && html`<p class="banner bad" role="alert">${problem.message}${problem.hint !== undefined && `: ${problem.hint}`}</p>`}
      ${body}
    </div>`,
  })
}
