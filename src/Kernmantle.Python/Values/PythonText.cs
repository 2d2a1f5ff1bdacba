using System.Buffers;
using System.Text;
using System.Text.Unicode;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Python.Values;

/// <summary>
/// Strings as Python's UTF-8 with <c>surrogatepass</c>: a lone surrogate has three bytes, as any other character of its size, and
/// survives. Two lone ones that Python has side by side are one character in UTF-16.
/// </summary>
internal static class PythonText
{
    private const int SurrogateBytes = 3;
    private const int OnStack = 256;

    /// <summary>The replacement character has as many bytes as a surrogate, so that the usual count is right.</summary>
    public static int CountBytes(ReadOnlySpan<char> text) => Encoding.UTF8.GetByteCount(text);

    /// <summary>Writes the text into a span that is large enough; returns the count of bytes.</summary>
    public static int Write(ReadOnlySpan<char> text, Span<byte> target)
    {
        int written = 0;
        while (true)
        {
            Utf8.FromUtf16(text, target[written..], out int read, out int bytes, replaceInvalidSequences: false);
            written += bytes;
            if (read == text.Length)
                return written;
            char surrogate = text[read];
            target[written] = 0xED;
            target[written + 1] = (byte)(0x80 | ((surrogate >> 6) & 0x3F));
            target[written + 2] = (byte)(0x80 | (surrogate & 0x3F));
            written += SurrogateBytes;
            text = text[(read + 1)..];
        }
    }

    /// <exception cref="InvalidPayloadException">It is not UTF-8.</exception>
    public static string Read(ReadOnlySpan<byte> bytes)
    {
        if (Ascii.IsValid(bytes))
            return Encoding.Latin1.GetString(bytes);
        char[]? rented = bytes.Length <= OnStack ? null : ArrayPool<char>.Shared.Rent(bytes.Length);
        try
        {
            Span<char> chars = rented ?? stackalloc char[OnStack];
            return new string(chars[..Read(bytes, chars)]);
        }
        finally
        {
            if (rented is not null)
                ArrayPool<char>.Shared.Return(rented);
        }
    }

    private static int Read(ReadOnlySpan<byte> bytes, Span<char> chars)
    {
        int count = 0;
        while (true)
        {
            Utf8.ToUtf16(bytes, chars[count..], out int read, out int written, replaceInvalidSequences: false);
            count += written;
            if (read == bytes.Length)
                return count;
            bytes = bytes[read..];
            if (bytes.Length < SurrogateBytes || bytes[0] != 0xED || bytes[1] is < 0xA0 or > 0xBF || bytes[2] is < 0x80 or > 0xBF)
                throw new InvalidPayloadException("A str that is not UTF-8.");
            chars[count++] = (char)(0xD000 | ((bytes[1] & 0x3F) << 6) | (bytes[2] & 0x3F));
            bytes = bytes[SurrogateBytes..];
        }
    }
}
