/** `hotshelf ca`: the certificate that clients must trust to talk TLS to the caches of this server. */
import { askingServer, type AddCommand, remote, type RemoteOptions } from './command.ts'

export const caCommand: AddCommand = program => {
  askingServer(program.command('ca'))
    .description("print the certificate authority's certificate (PEM), for clients that talk TLS")
    .action(async (options: RemoteOptions) => {
      const { server, output } = remote(options)
      const pem = await server.authorityPem()
      output.say(output.json ? JSON.stringify({ pem }) : pem.trimEnd())
    })
}
