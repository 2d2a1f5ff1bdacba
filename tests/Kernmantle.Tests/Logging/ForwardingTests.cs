using Kernmantle.Child.Logs;
using Kernmantle.Logging;
using Kernmantle.Platform.Linux;
using Kernmantle.Tests.Transport;
using Kernmantle.Wire;
using Kernmantle.Wire.Bytes;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Kernmantle.Tests.Logging;

public sealed class ForwardingTests : IDisposable
{
    private readonly CapturingTransport transport = new();
    private readonly ForwardingLoggerFactory factory;

    public ForwardingTests() => factory = new ForwardingLoggerFactory(transport, TimeProvider.System);

    public void Dispose() => factory.Dispose();

    [Fact]
    public void A_record_survives_the_crossing()
    {
        factory.CreateLogger("Category").Log(LogLevel.Warning, new EventId(5, "five"), "state", new FormatException("bad"), static (s, _) => s + " shown");
        LogRecord record = Assert.Single(transport.Records);
        Assert.Equal((LogLevel.Warning, 5, "five", "Category", "state shown"), (record.Level, record.EventId.Id, record.EventId.Name, record.Category, record.Message));
        Assert.Equal("System.FormatException: bad", record.ExceptionText);
        Assert.Equal(NativeThread.Id, record.ThreadId);
        Assert.True((DateTime.UtcNow - record.Time).Duration() < TimeSpan.FromMinutes(1));
    }

    [Fact]
    public void The_thread_id_is_the_systems()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux shows a thread's id as a folder name.");
        Assert.True(Directory.Exists($"/proc/self/task/{NativeThread.Id}"));
    }

    [Fact]
    public void Console_text_becomes_lines()
    {
        var console = new ConsoleCapture(factory);
        console.Out.Write("one\r\ntwo\nth");
        console.Out.Write('r');
        console.Out.WriteLine("ee");
        console.Out.WriteLine();
        console.Out.WriteLine("{0} {1}", 4, 5);
        console.Out.Write("rest");
        console.Out.Flush();
        Assert.Equal(["one", "two", "three", "", "4 5"], transport.Records.Select(static r => r.Message));
        console.EndLines();
        console.EndLines();
        Assert.Equal("rest", transport.Records[^1].Message);
        console.Error.WriteLine("bad");
        Assert.Equal(("Console.Error", LogLevel.Warning), (transport.Records[^1].Category, transport.Records[^1].Level));
        Assert.Equal(("Console.Out", LogLevel.Information), (transport.Records[0].Category, transport.Records[0].Level));
    }

    /// <summary>As IronPython does, and whoever wants a writer of his own for standard output.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_written_to_standard_output_in_the_consoles_encoding_arrives_as_text(bool output)
    {
        ListFactory log = new();
        await using WorkerPool pool = WorkerPool.Processes(1, new() { LoggerFactory = log });
        await pool.RunAsync(Write, output, TestContext.Current.CancellationToken);
        ListFactory.Entry record = await log.FindAsync(static entry => entry.Category.StartsWith("Console.", StringComparison.Ordinal));
        Assert.Equal((output ? "Console.Out" : "Console.Error", "größer"), (record.Category, record.Message));

        static void Write(bool output)
        {
            using Stream stream = output ? Console.OpenStandardOutput() : Console.OpenStandardError();
            using StreamWriter writer = new(stream, (output ? Console.Out : Console.Error).Encoding);
            writer.WriteLine("größer");
        }
    }

    [Fact]
    public void An_endless_line_is_cut()
    {
        var console = new ConsoleCapture(factory);
        for (int i = 0; i < 100; i++)
            console.Out.Write(new string('x', 1000));
        Assert.All(transport.Records, static r => Assert.Equal(16 << 10, r.Message.Length));
        console.EndLines();
        Assert.Equal(100_000, transport.Records.Sum(static r => r.Message.Length));
    }

    [Fact]
    public void Lines_of_many_threads_stay_whole()
    {
        TextWriter console = TextWriter.Synchronized(new ConsoleCapture(factory).Out);
        Parallel.For(0, 2000, i => console.WriteLine($"{i} {i}"));
        Assert.Equal(Enumerable.Range(0, 2000).Select(static i => $"{i} {i}").Order(), transport.Records.Select(static r => r.Message).Order());
    }

    [Fact]
    public void Mutated_records_are_refused_or_valid()
    {
        factory.CreateLogger("Category").LogInformation("message");
        byte[] body = transport.Bodies[0];
        var random = new Random(6);
        int refused = 0;
        for (int round = 0; round < 5000; round++)
        {
            byte[] mutated = [.. body];
            mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
            try
            {
                var reader = new PayloadReader(mutated.AsSpan(0, random.Next(4) == 0 ? random.Next(mutated.Length) : mutated.Length));
                Assert.True(LogRecord.Read(ref reader).Level is >= LogLevel.Trace and <= LogLevel.Critical);
            }
            catch (InvalidPayloadException)
            {
                refused++;
            }
        }
        Assert.InRange(refused, 1000, 4999);
    }

    private sealed class CapturingTransport : IFrameTransport
    {
        public List<byte[]> Bodies { get; } = [];

        public List<LogRecord> Records { get; } = [];

        public void Send(FrameKind kind, long id, ReadOnlySpan<byte> head, ReadOnlyMemory<byte> payload = default)
        {
            byte[] body = [.. head, .. payload.Span];
            var reader = new PayloadReader(body);
            LogRecord record = LogRecord.Read(ref reader);
            lock (Bodies)
            {
                Bodies.Add(body);
                Records.Add(record);
            }
        }

        public ValueTask FlushAsync(CancellationToken cancellationToken = default) => default;

        public Task ReceiveAsync(IFrameReceiver receiver) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => default;
    }
}
