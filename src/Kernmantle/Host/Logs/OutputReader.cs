using System.Text;

namespace Kernmantle.Host.Logs;

/// <summary>
/// Reads what a process writes to its own standard output or error, as lines of its log. Any bytes are taken: invalid UTF-8 is
/// replaced, NULs are made visible, long lines are cut into pieces.
/// </summary>
internal sealed class OutputReader : IDisposable
{
    /// <summary>In bytes.</summary>
    private const int MaxLine = 16 << 10;

    private readonly Stream stream;
    private readonly bool isError;
    private readonly LogSink sink;
    private readonly Action<int>? onRead;
    private readonly CancellationTokenSource cancellation = new();
    private readonly Task reading;

    /// <summary>Starts to read.</summary>
    /// <param name="stream">The read end; owned from now on. Its ReadAsync should not block a thread: many workers idle.</param>
    /// <param name="isError">Standard error; else standard output.</param>
    /// <param name="sink">Takes the lines.</param>
    /// <param name="onRead">Is told how many bytes have been read.</param>
    public OutputReader(Stream stream, bool isError, LogSink sink, Action<int>? onRead = null)
    {
        this.onRead = onRead;
        this.stream = stream;
        this.isError = isError;
        this.sink = sink;
        reading = ReadAsync(cancellation.Token);
    }

    /// <summary>
    /// Waits until all is read, or for the bound: a grandchild that inherited the pipe can hold it open for as long as it lives.
    /// Then the stream is closed. Never faults.
    /// </summary>
    public async Task DrainAsync(TimeSpan bound, TimeProvider? clock = null)
    {
        try
        {
            await reading.WaitAsync(bound, clock ?? TimeProvider.System).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            await cancellation.CancelAsync().ConfigureAwait(false);
            await reading.ConfigureAwait(false);
        }
        Dispose();
    }

    /// <summary>Stops reading; somebody else owns the stream, and reads what comes from here on.</summary>
    public async Task LeaveAsync()
    {
        await cancellation.CancelAsync().ConfigureAwait(false);
        await reading.ConfigureAwait(false);
    }

    public void Dispose()
    {
        cancellation.Cancel();
        stream.Dispose();
    }

    private async Task ReadAsync(CancellationToken token)
    {
        byte[] buffer = new byte[MaxLine];
        int held = 0;   // the beginning of a line
        try
        {
            while (await stream.ReadAsync(buffer.AsMemory(held), token).ConfigureAwait(false) is > 0 and int count)
            {
                onRead?.Invoke(count);
                held = TakeLines(buffer, held, held + count);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // Ended from this side, or torn down with the process: what was held is still shown.
        }
        if (held > 0)
            Emit(buffer.AsSpan(0, held));
        if (isError)
            sink.EndRaw();
    }

    /// <summary>Returns how many bytes of an unended line are now at the start of the buffer.</summary>
    private int TakeLines(byte[] buffer, int searched, int end)
    {
        int start = 0;
        while (buffer.AsSpan(searched, end - searched).IndexOf((byte)'\n') is >= 0 and int offset)
        {
            Emit(buffer.AsSpan(start, searched + offset - start));
            start = searched += offset + 1;
        }
        if (start == 0 && end == buffer.Length)
        {
            Emit(buffer);
            return 0;
        }
        buffer.AsSpan(start, end - start).CopyTo(buffer);
        return end - start;
    }

    private void Emit(ReadOnlySpan<byte> line) =>
        sink.WriteRaw(Encoding.UTF8.GetString(line).TrimEnd('\r').Replace('\0', '\u2400'), isError);
}
