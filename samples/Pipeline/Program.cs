using System.Diagnostics;
using System.Globalization;
using Kernmantle;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline;
using SharedBySamples;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
return await PipelineCommand.Create(RunAsync).RunAsync(args);

static async Task<int> RunAsync(PipelineOptions options, CancellationToken token)
{
    string root = options.Root ?? Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..");
    if (!Directory.Exists(root))
        return CommandLine.WrongUse($"there is no folder {root}.");
    long started = Stopwatch.GetTimestamp();

    // A file belongs to the channel until it was passed on: who takes over from a process that died gets it again.
    using var files = WorkerChannel.Create<FoundFile>(new() { Capacity = 100, Redeliver = true });
    using var parsed = WorkerChannel.Create<ParsedFile>(new() { Capacity = 100, EndWithWriters = false });
    using var processes = new SharedArray<int>(options.Workers);

    await using WorkerPool threads = WorkerPool.Threads(2);
    await using WorkerPool parsers = WorkerPool.Processes(options.Workers, new()
    {
        RestartLimit = int.MaxValue,
        Spares = 1,
        LoggerFactory = options.Kills ? NullLoggerFactory.Instance : null,   // each death would be told of
    });

    Task finding = Then(
        threads.RunAsync(static (folder, writer) => Stages.FindAsync(folder, writer), Path.GetFullPath(root), files.Writer, token),
        files.Writer.TryComplete);
    Task parsing = Then(
        Task.WhenAll(Enumerable.Range(0, options.Workers).Select(ParseAsync)),
        error => parsed.Writer.TryComplete(error) && error is not null && files.Writer.TryComplete(error));
    Task<SortedDictionary<string, Total>> counting = threads.RunAsync(static reader => Stages.CountAsync(reader), parsed.Reader, token);

    using var over = CancellationTokenSource.CreateLinkedTokenSource(token);
    Task<int> killing = options.Kills ? Killer.RunAsync(processes, over.Token) : Task.FromResult(0);
    await Task.WhenAll(finding, parsing, counting);
    SortedDictionary<string, Total> totals = await counting;
    await over.CancelAsync();

    Console.WriteLine($"{"kind",-10} {"files",8} {"unreadable",11} {"bytes",14} {"values",12}");
    foreach ((string kind, Total total) in totals)
        Console.WriteLine($"{kind,-10} {total.Files,8} {total.Unreadable,11} {total.Bytes,14:N0} {total.Values,12:N0}");
    await Console.Error.WriteLineAsync($"{Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s, {options.Workers} processes, {await killing} killed");
    return 0;

    // A process that is killed is replaced, and its successor goes on where it was.
    async Task ParseAsync(int place)
    {
        while (true)
        {
            try
            {
                await parsers.RunAsync(() => Stages.ParseAsync(files.Reader, parsed.Writer, processes, place), token);
                return;
            }
            catch (WorkerCrashedException) when (options.Kills)
            {
                processes[place] = 0;
            }
        }
    }
}

// What a stage ends with, those behind it and before it are told.
static async Task Then(Task stage, Func<Exception?, bool> complete)
{
    try
    {
        await stage;
        complete(null);
    }
    catch (Exception e)
    {
        complete(e);
        throw;
    }
}
