import { describe, expect, it } from 'vitest'
import { isSwitchedOn, requireAccessString, splitRules } from './access-string.ts'

const refusal = (text: string): string => {
  try {
    requireAccessString(text)
  } catch (error) {
    return (error as Error).message.replace('Invalid Access String. ', '')
  }
  return 'accepted'
}

describe('an access string', () => {
  it.each([
    'on ~app:* +get +mget +hget +hgetall -@write',
    'on ~* +@all',
    'off -@all',
    'on ~app::* -@all +@read +@hash +@bitmap +@geo -setbit -bitfield -hset -hsetnx -hmset -hincrby -hincrbyfloat -hdel -bitop -geoadd -georadius -georadiusbymember',
    'ON allkeys allchannels ALLCOMMANDS',
    'on %R~read:* %W~write:* %RW~both:* resetchannels &news:* +@pubsub',
    'on ~a:* +get (~b:* +set) (%R~c:* +@read -hgetall)',
    'on ~* resetkeys ~a +config-like-name'.replace(' +config-like-name', ''),
    'on ~* +client|list -client|kill +select|0 +@json +json.get +ft.search',
    'on ~* +@all -@dangerous sanitize-payload clearselectors',
    'on ~* +script|show +client|setinfo +hexpire',
  ])('is taken: %s', text => {
    expect(requireAccessString(text)).toEqual(splitRules(text))
  })

  it.each([
    ['', 'It must not be empty.'],
    ['on ~* +nosuch', "Error in ACL SETUSER modifier '+nosuch': Unknown command or category name in ACL"],
    ['on +@nosuch', "Error in ACL SETUSER modifier '+@nosuch': Unknown command or category name in ACL"],
    ['on +client|nosuch', "Error in ACL SETUSER modifier '+client|nosuch': Unknown command or category name in ACL"],
    ['on -select|0', "Error in ACL SETUSER modifier '-select|0': Unknown command or category name in ACL"],
    [
      'on +client|list|x',
      "Error in ACL SETUSER modifier '+client|list|x': Allowing first-arg of a subcommand is not supported",
    ],
    ['on everything', "Error in ACL SETUSER modifier 'everything': Syntax error"],
    ['on %X~a', "Error in ACL SETUSER modifier '%X~a': Syntax error"],
    ['on (on ~a)', "Error in ACL SETUSER modifier '(on ~a)': Syntax error"],
    ['on (~a +get', "Unmatched parenthesis in acl selector starting at '(~a +get'."],
    ['on +', "Error in ACL SETUSER modifier '+': Unknown command or category name in ACL"],
  ])('is refused in the words of an engine: %s', (text, message) => {
    expect(refusal(text)).toBe(message)
  })

  it('may not add patterns to everything', () => {
    expect(refusal('on ~* ~app:*')).toMatch(
      /^Error in ACL SETUSER modifier '~app:\*': Adding a pattern after the \* pattern/,
    )
    expect(refusal('on &* &news')).toMatch(/'resetchannels' to start with an empty list of channels$/)
    expect(refusal('on ~* (~app:* +get)')).toBe('accepted')
  })

  it('may hold no password, and does not show one that it held', () => {
    for (const rule of ['>secret-password', '<secret-password', '#0a1b', '!0a1b', 'nopass', 'resetpass', 'reset']) {
      expect(refusal(`on ~* ${rule}`)).toMatch(/is not allowed: passwords are given by/)
    }
    expect(refusal('on >secret-password')).not.toContain('secret-password')
  })

  it('may not name what ElastiCache keeps for itself', () => {
    for (const rule of ['+config', '-config', '+config|get', '+BGSAVE', '+acl|setuser', '+cluster|meet', '(+debug)'])
      expect(refusal(`on ~* ${rule}`)).toMatch(/the command is not available in ElastiCache\.$/)
  })

  it('leaves a user off unless it says on', () => {
    expect(isSwitchedOn(splitRules('on ~* +@all'))).toBe(true)
    expect(isSwitchedOn(splitRules('~* +@all'))).toBe(false)
    expect(isSwitchedOn(splitRules('on ~* off'))).toBe(false)
    expect(isSwitchedOn(splitRules('off ON'))).toBe(true)
  })
})
