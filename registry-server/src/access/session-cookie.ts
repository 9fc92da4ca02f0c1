export interface BrowserCookie {
  read(header: string | undefined): string | undefined
  /** `set-cookie` for a value that ends at `expiresAt`. */
  write(value: string, expiresAt: string, secure: boolean): string
  clear(secure: boolean): string
}

/** The cookie that a browser keeps of a session. No script can read it, and no other site's form or link that writes sends it. */
export const sessionCookie = cookieNamed('ingot_session')
/** What a browser keeps of a sign-in that is under way, so that it ends in the browser in which it began. */
export const signInCookie = cookieNamed('ingot_sign_in')

function cookieNamed(name: string): BrowserCookie & { readonly name: string } {
  const write = (value: string, expiresAt: string, secure: boolean): string => {
    const expires = new Date(expiresAt).toUTCString()
    return `${name}=${value}; Path=/; Expires=${expires}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`
  }
  return {
    name,
    write,
    read: (header) => {
      const pairs = (header ?? '').split(';').map((pair) => pair.trim())
      const found = pairs.find((pair) => pair.startsWith(`${name}=`))
      return found?.slice(name.length + 1)
    },
    clear: (secure) => write('', new Date(0).toISOString(), secure),
  }
}
