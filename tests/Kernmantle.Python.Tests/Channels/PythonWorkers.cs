using System.Threading.Channels;
using Kernmantle.Contracts.Channels;
using Kernmantle.Contracts.Requirements;

namespace Kernmantle.Python.Tests.Channels;

/// <summary>Workers that run Modules/channels.py.</summary>
/// <param name="pool">Theirs; owned.</param>
public sealed class PythonWorkers(PythonPool pool) : ChannelWorkers
{
    /// <summary>An item costs a question to the host.</summary>
    public override int Slowness => 20;

    public override IReadOnlyDictionary<ChannelAbility, string> Lacks { get; } = new Dictionary<ChannelAbility, string>
    {
        [ChannelAbility.Redelivery] = "The host reads for Python: what a worker was given is done.",
        [ChannelAbility.EndWithWriters] = "The host writes for Python, and lives.",
    };

    public static PythonWorkers Start(int count) => new(new(count, new()
    {
        Interpreter = InstalledPrograms.Interpreter("python3"),
        ModulePaths = [Path.Combine(AppContext.BaseDirectory, "Modules")],
    }));

    public override string NameOf(Exception failure) => ((PythonException)failure).TypeName;

    public override Task WriteAllAsync(ChannelWriter<int> writer, int count) => CallAsync<object?>("write_all", writer, count);

    public override Task WriteManyAsync(WorkerChannelWriter<long> writer, int count) => CallAsync<object?>("write_all", writer, count);

    public override Task WriteAsync(ChannelWriter<(int Writer, int Number)> writer, int place, int count) => CallAsync<object?>("write_from", writer, place, count);

    public override Task CopyAsync(ChannelReader<(int Writer, int Number)> reader, ChannelWriter<(int Writer, int Number)> writer) => CallAsync<object?>("copy", reader, writer);

    public override Task NegateAsync(ChannelReader<int> reader, ChannelWriter<int> writer) => CallAsync<object?>("negate", reader, writer);

    public override Task<int> SumAsync(ChannelReader<int> reader) => CallAsync<int>("sum_of", reader);

    public override Task<long> SumLinesAsync(ChannelReader<ChannelLine> reader) => CallAsync<long>("sum_lines", reader);

    public override Task WriteCountingAsync(ChannelWriter<int> writer, SharedValue<int> written, int count) => CallAsync<object?>("write_counting", writer, written, count);

    public override Task WriteAtOnceAsync(ChannelWriter<int> writer, int count) => CallAsync<object?>("write_at_once", writer, count);

    public override Task FailAsync(ChannelWriter<string> writer, string item, string text) => CallAsync<object?>("fail", writer, item, text);

    public override Task<bool> WaitToReadAsync(ChannelReader<int> reader, SharedCountdown waiting, CancellationToken cancellationToken) =>
        pool.CallAsync<bool>("channels:wait_to_read", PythonArguments.Of(reader, waiting), null, cancellationToken);

    public override Task<bool> FillAsync(ChannelWriter<int> writer, SharedCountdown waiting) => CallAsync<bool>("fill", writer, waiting);

    public override Task<bool> WaitUntilDisposedAsync(ChannelReader<int> reader, SharedCountdown waiting) => CallAsync<bool>("wait_until_disposed", reader, waiting);

    public override Task WriteOneAsync(ChannelWriter<string> writer, string item) => CallAsync<object?>("write_one", writer, item);

    public override Task<string> ReadOneAsync(ChannelReader<string> reader) => CallAsync<string>("read_one", reader);

    public override Task<WorkerChannel<string>> ReturnAsync(WorkerChannel<string> channel, string item) => CallAsync<WorkerChannel<string>>("write_and_return", channel, item);

    public override Task<ChannelReader<string>> ReturnAsync(ChannelReader<string> reader) => CallAsync<ChannelReader<string>>("same", reader);

    public override Task WriteAndDieAsync(ChannelWriter<int> writer, SharedValue<int> written, int from, int count) => CallAsync<object?>("write_and_die", writer, written, from, count);

    public override Task ReadAndDieAsync(ChannelReader<int> reader, int count) => CallAsync<object?>("read_and_die", reader, count);

    public override async ValueTask DisposeAsync() => await pool.DisposeAsync();

    private Task<T> CallAsync<T>(string function, params object?[] arguments) =>
        pool.CallAsync<T>("channels:" + function, PythonArguments.Of(arguments), null, TestContext.Current.CancellationToken);
}
