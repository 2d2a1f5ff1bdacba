using System.Text;
using Microsoft.Extensions.Logging;

namespace Kernmantle.Child.Logs;

/// <summary>
/// Takes the place of a worker's <see cref="Console.Out"/> or <see cref="Console.Error"/>: every line becomes a log record. Text without a
/// line end waits for it, or for <see cref="EndLine"/>. Thread-safe.
/// </summary>
internal sealed class ForwardingTextWriter(ForwardingLoggerFactory factory, string category, LogLevel level) : TextWriter
{
    /// <summary>A longer line is sent in pieces, in characters.</summary>
    private const int MaxLine = 16 << 10;

    private readonly Lock gate = new();
    private readonly StringBuilder line = new();

    /// <summary>That of the worker's standard output, as the host reads it: there are programs which write to that in this one's encoding.</summary>
    public override Encoding Encoding { get; } = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

    public override void Write(char value) => Write([value]);

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    public override void Write(string? value) => Write(value.AsSpan());

    public override void WriteLine(string? value) => WriteLine(value.AsSpan());

    public override void WriteLine(ReadOnlySpan<char> buffer)
    {
        lock (gate)
        {
            Write(buffer);
            Write('\n');
        }
    }

    public override void Write(ReadOnlySpan<char> buffer)
    {
        lock (gate)
        {
            while (buffer.IndexOf('\n') is >= 0 and int end)
            {
                Append(buffer[..end]);
                Send();
                buffer = buffer[(end + 1)..];
            }
            Append(buffer);
        }
    }

    /// <summary>Sends a line that was begun and not ended.</summary>
    public void EndLine()
    {
        lock (gate)
        {
            if (line.Length > 0)
                Send();
        }
    }

    private void Append(ReadOnlySpan<char> text)
    {
        while (line.Length + text.Length > MaxLine)
        {
            int room = MaxLine - line.Length;
            line.Append(text[..room]);
            text = text[room..];
            Send();
        }
        line.Append(text);
    }

    private void Send()
    {
        if (line.Length > 0 && line[^1] == '\r')
            line.Length--;
        factory.Send(level, default, category, line.ToString(), null);
        line.Clear();
    }
}
