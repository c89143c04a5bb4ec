/** What people put into payloads, and what breaks relays that parse or template them carelessly. */
export const PAYLOADS: Readonly<Record<string, string>> = {
  unicode: '{"name":"Jürgen Łukasz 漢字 🚚","zero":"a\\u0000b","line":"\u2028","escaped":"\\u00e9"}',
  nested: '{"a":{"b":[{"c":[[],{},null,true,"",{"d":{"e":[1,[2,[3]]]}}]}]}}',
  numbers: '{"id":12345678901234567890,"rate":0.1000000000000000055511151231257827,"e":1E+2,"zero":-0.0,"one":1.0}',
  spaces: ' {\n\t"b" : 1 ,\r\n "a" : [ 1 , 2 ] }\n',
  quotes: '{"text":"she said \\"no\\", C:\\\\temp, <$.eventID>, <aws.pipes.event>, ${x}, {% $y %}"}',
  order: '{"z":1,"a":2,"10":3,"2":4,"a":5}',
  number: '42',
  text: '"only a text"',
};
