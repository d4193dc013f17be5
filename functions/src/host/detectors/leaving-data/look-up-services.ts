/**
 * Registered domains under which programs look things up by putting them into the name: the hash of a file, the reversed
 * address of a sender of mail, a link in a message. Their owners run them for many; nobody else gets what is asked there.
 */
const LOOK_UP_DOMAINS: ReadonlySet<string> = new Set([
  // Files and links: ESET, Sophos, McAfee, Team Cymru, Cisco (Immunet), Bitdefender.
  ...['e5.sk', 'sophosxl.net', 'mcafee.com', 'cymru.com', 'immunet.com', 'bitdefender.net'],
  // Senders of mail, and links in it.
  ...['spamhaus.org', 'spamhaus.net', 'spamcop.net', 'barracudacentral.org', 'barracudabrts.com', 'dnswl.org'],
  ...['surbl.org', 'uribl.com', 'sorbs.net', 'senderscore.com', 'senderbase.org', 'abuseat.org', 'mailspike.net'],
  ...['spamrats.com', 'uceprotect.net', 'backscatterer.org', 'invaluement.com', 'spameatingmonkey.net', 'nordspam.com'],
]);

/** Whether names under the domain, which may end in a dot or begin with a label more, carry what is looked up by design. */
export function isLookUpDomain(domain: string): boolean {
  const name = domain.toLowerCase().replace(/\.$/, '');
  return LOOK_UP_DOMAINS.has(name) || LOOK_UP_DOMAINS.has(name.slice(name.indexOf('.') + 1));
}
