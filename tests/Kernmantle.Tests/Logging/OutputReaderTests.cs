using System.IO.Pipes;
using Kernmantle.Host.Logs;
using Xunit;

namespace Kernmantle.Tests.Logging;

public sealed class OutputReaderTests : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);

    private readonly ListFactory factory = new();

    public void Dispose() => factory.Dispose();

    [Fact]
    public async Task Any_bytes_become_lines()
    {
        Assert.Equal(["one", "two", "a\u2400b", "\ufffd\ufffdx", "", "last"], await Lines("one\r\ntwo\na\0b\n"u8, [0xff, 0xfe, .. "x\n\nlast"u8]));
    }

    [Fact]
    public async Task A_long_line_is_cut_and_nothing_is_lost()
    {
        string text = new('x', 100_000);
        string[] lines = await Lines(System.Text.Encoding.UTF8.GetBytes(text + "\nnext\n"));
        Assert.Equal(text, string.Concat(lines[..^1]));
        Assert.All(lines, static line => Assert.True(line.Length <= 16 << 10));
        Assert.Equal("next", lines[^1]);
    }

    [Fact]
    public async Task A_pipe_that_somebody_holds_open_is_given_up()
    {
        using var writer = new AnonymousPipeServerStream(PipeDirection.Out, HandleInheritability.None);
        using var reader = new OutputReader(new AnonymousPipeClientStream(PipeDirection.In, writer.ClientSafePipeHandle), isError: true, new LogSink(factory, "First", 1));
        writer.Write("held\nhalf"u8);
        await factory.FindAsync(static _ => true);   // both halves came in one read
        await reader.DrainAsync(TimeSpan.FromMilliseconds(50)).WaitAsync(Bound, TestContext.Current.CancellationToken);
        Assert.Equal(["held", "half"], factory.Entries.Select(static e => e.Message));
    }

    private async Task<string[]> Lines(params byte[][] writes)
    {
        using var writer = new AnonymousPipeServerStream(PipeDirection.Out, HandleInheritability.None);
        using var reader = new OutputReader(new AnonymousPipeClientStream(PipeDirection.In, writer.ClientSafePipeHandle), isError: false, new LogSink(factory, "First", 1));
        foreach (byte[] bytes in writes)
            await writer.WriteAsync(bytes, TestContext.Current.CancellationToken);
        writer.Dispose();
        await reader.DrainAsync(Bound).WaitAsync(Bound, TestContext.Current.CancellationToken);
        return [.. factory.Entries.Select(static e => e.Message)];
    }

    private Task<string[]> Lines(ReadOnlySpan<byte> first, byte[] second) => Lines(first.ToArray(), second);
}
