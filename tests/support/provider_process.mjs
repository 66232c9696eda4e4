// A provider of single sign-on as others run it: oidc-provider, certified by the OpenID Foundation, on the loopback
// address. Who may do what is read anew from a file at each sign-in, so that a test changes it as a province would.
import { readFileSync } from 'node:fs'
import Provider from 'oidc-provider'

const [port, site, people] = process.argv.slice(2)
const back = `${site}/staff/sign-in/with/tinh`
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: 'hai-long',
      client_secret: readFileSync(0, 'utf8'),
      redirect_uris: [`${back}/back`],
      post_logout_redirect_uris: [`${site}/staff/sign-in`],
      backchannel_logout_uri: `${back}/ended`,
      backchannel_logout_session_required: true
    }
  ],
  claims: { openid: ['sub', 'sid'], profile: ['name', 'preferred_username', 'groups'] },
  features: { backchannelLogout: { enabled: true }, devInteractions: { enabled: true } },
  pkce: { required: () => true },
  cookies: { keys: ['only for tests'] },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({ sub: id, preferred_username: id, ...JSON.parse(readFileSync(people, 'utf8'))[id] })
  })
})
provider.listen(Number(port), '127.0.0.1', () => console.log('ready'))
