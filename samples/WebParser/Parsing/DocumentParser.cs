using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;

namespace WebParser.Parsing;

/// <summary>
/// Reads JSON, packed by gzip or not, as many parsers do that were written for honest files: it unpacks all there is, nests its calls as deep as the file does, and has a
/// pattern for e-mail addresses that looks at some texts for ever.
/// </summary>
internal ref partial struct DocumentParser
{
    private readonly ReadOnlySpan<char> text;
    private int at, values, deepest, addresses;
    private double sum;

    private DocumentParser(ReadOnlySpan<char> text) => this.text = text;

    /// <exception cref="FormatException">It is no JSON.</exception>
    public static DocumentSummary Parse(byte[] file)
    {
        string text = Encoding.UTF8.GetString(file is [0x1f, 0x8b, ..] ? Unpack(file) : file);
        var parser = new DocumentParser(text);
        parser.Value(depth: 1);
        parser.Blank();
        return parser.at == text.Length ? new(parser.values, parser.deepest, parser.addresses, parser.sum) : throw parser.Wrong("the end");
    }

    private static byte[] Unpack(byte[] file)
    {
        try
        {
            using var unpacked = new MemoryStream();
            using var packed = new GZipStream(new MemoryStream(file), CompressionMode.Decompress);
            packed.CopyTo(unpacked);
            return unpacked.ToArray();
        }
        catch (InvalidDataException damaged)
        {
            throw new FormatException($"It cannot be unpacked: {damaged.Message}", damaged);
        }
    }

    private void Value(int depth)
    {
        values++;
        deepest = Math.Max(deepest, depth);
        Blank();
        switch (at < text.Length ? text[at] : '\0')
        {
            case '[':
                List(depth);
                break;
            case '{':
                Object(depth);
                break;
            case '"':
                addresses += Address.IsMatch(Text()) ? 1 : 0;
                break;
            case 't':
                Word("true");
                break;
            case 'f':
                Word("false");
                break;
            case 'n':
                Word("null");
                break;
            default:
                sum += Number();
                break;
        }
    }

    private void List(int depth)
    {
        at++;
        if (Has(']'))
            return;
        do
            Value(depth + 1);
        while (Has(','));
        Need(']');
    }

    private void Object(int depth)
    {
        at++;
        if (Has('}'))
            return;
        do
        {
            Blank();
            Text();
            Need(':');
            Value(depth + 1);
        }
        while (Has(','));
        Need('}');
    }

    private ReadOnlySpan<char> Text()
    {
        Need('"');
        int from = at;
        while (at < text.Length && text[at] != '"')
            at += text[at] == '\\' ? 2 : 1;
        int to = Math.Min(at, text.Length);
        Need('"');
        return text[from..to];
    }

    private double Number()
    {
        int from = at;
        while (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] is '-' or '+' or '.' or 'e' or 'E'))
            at++;
        return double.TryParse(text[from..at], NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : throw Wrong("a value");
    }

    private void Word(string word)
    {
        if (!text[at..].StartsWith(word, StringComparison.Ordinal))
            throw Wrong(word);
        at += word.Length;
    }

    private bool Has(char c)
    {
        Blank();
        if (at >= text.Length || text[at] != c)
            return false;
        at++;
        return true;
    }

    private void Need(char c)
    {
        if (!Has(c))
            throw Wrong($"'{c}'");
    }

    private void Blank()
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
            at++;
    }

    private readonly FormatException Wrong(string wanted) => new($"Character {at}: {wanted} was expected.");

    [GeneratedRegex(@"^([a-z0-9]+\.?)+@[a-z0-9.]+$")]
    private static partial Regex Address { get; }
}
