import { HttpSign } from '@weir/contracts';

/** Programs that are made to find weaknesses and name themselves, by their published defaults. */
const TOOLS = [
  'sqlmap', 'nikto', 'nmap', 'masscan', 'zgrab', 'gobuster', 'dirbuster', 'dirsearch', 'wpscan', 'nuclei', 'acunetix',
  'nessus', 'hydra', 'wfuzz', 'ffuf', 'feroxbuster', 'arachni', 'w3af', 'jorgee', 'zmeu', 'muieblackcat', 'morfeus',
  'whatweb', 'joomscan', 'openvas', 'havij', 'commix', 'skipfish', 'jbrofuzz', 'xsser', 'bsqlbf',
]; // biome-ignore format: a list to read
const TOOL = new RegExp(`(^|[^a-z])(${TOOLS.join('|')})([^a-z]|$)`);
const BROWSER = /^(mozilla|opera)\//;
const OLD_BROWSER = /^mozilla\/([123]\.|4\.(0[1-9]|[1-9])\d? )|^opera\/[1-9]\.|\bmsie [1-8]\./;
/** Words, or a name with a version. */
const DRESSED = /[ ./]/;

/** The agent that was looked at last: clients send the same with each request. */
let latest = { agent: '', signs: 0 };

/** HttpSign bits of a `User-Agent`, in lower case. */
export function agentSigns(agent: string): number {
  if (agent !== latest.agent) latest = { agent, signs: signsOf(agent) };
  return latest.signs;
}

function signsOf(agent: string): number {
  if (agent === '') return 0;
  let signs: number = HttpSign.userAgent;
  if (!DRESSED.test(agent)) signs |= HttpSign.nakedAgent;
  if (BROWSER.test(agent)) signs |= HttpSign.saysBrowser;
  if (OLD_BROWSER.test(agent)) signs |= HttpSign.saysOldBrowser;
  if (TOOL.test(agent)) signs |= HttpSign.attackTool;
  return signs;
}
