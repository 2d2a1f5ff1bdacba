using System.Collections.Concurrent;
using Xunit;

namespace Kernmantle.Tests.Pools;

/// <summary>Texts of maps, which are encoded and read many at a time.</summary>
public sealed class MappedTextTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(3);

    private static WorkerPool Pool(int ringBytes) => WorkerPool.Processes(2, new() { Transport = WorkerTransport.SharedMemory, RingBytes = ringBytes });

    /// <summary>Among short ones: none, empty ones, ones that are no text, and ones that are larger than a record of answers, than a ring takes, and than both.</summary>
    private static string?[] Texts { get; } = [.. Enumerable.Range(0, 12_000).Select(static n => (n % 1_000) switch
    {
        1 => null,
        2 => "",
        3 => $"\ud800 {n} \udc00",
        4 => $"{n} " + new string('세', 3_000),
        5 => $"{n} " + new string('é', 20_000),
        6 => $"{n} " + new string('\ud83d', 70_000),
        _ => $"text {n}",
    })];

    [Theory]
    [InlineData(64 << 10)]
    [InlineData(256 << 10)]
    public async Task Texts_of_any_kind_and_length_come_back_each_in_its_place(int ringBytes)
    {
        await using WorkerPool pool = Pool(ringBytes);
        Assert.Equal(Texts, await pool.MapToArrayAsync(static (string? text) => text, Texts));
        int[] lengths = [.. Texts.Select(static text => text?.Length ?? -1)];
        Assert.Equal(lengths, await pool.MapToArrayAsync(static (string? text) => text?.Length ?? -1, Texts.Where(static _ => true)));
        int seen = 0;
        await foreach (MapResult<string?, string?> result in pool.MapAsync(static text => text, Texts))
        {
            Assert.Equal((seen, Texts[seen], Texts[seen]), ((int)result.Index, result.Input, result.Value));
            seen++;
        }
        Assert.Equal(Texts.Length, seen);
    }

    [Fact]
    public async Task Items_that_wait_each_are_answered_without_waiting_for_the_next()
    {
        await using WorkerPool pool = Pool(64 << 10);
        string[] inputs = [.. Enumerable.Range(0, 2_000).Select(static n => $"text {n}")];
        string[] results = await pool.MapToArrayAsync(static async (string text) =>
        {
            await Task.Yield();
            return text + text;
        }, inputs);
        string[] expected = [.. inputs.Select(static text => text + text)];
        Assert.Equal(expected, results);
    }

    [Fact]
    public async Task What_is_behind_a_stuck_text_goes_elsewhere_and_none_runs_twice()
    {
        await using WorkerPool pool = WorkerPool.Processes(2, new() { Transport = WorkerTransport.SharedMemory, KillGrace = TimeSpan.Zero });
        using var stop = new CancellationTokenSource(Bound);
        var arrived = new ConcurrentDictionary<int, bool>();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (MapResult<string, int> result in pool.MapUnorderedAsync(NumberOf, Enumerable.Range(0, 60_000).Select(static n => $"{n}"), stop.Token))
            {
                Assert.Equal(result.Index, result.Value);
                Assert.True(arrived.TryAdd(result.Value, true));
                if (arrived.Count == 59_999)
                    await stop.CancelAsync();
            }
        });
        Assert.False(arrived.ContainsKey(40_000));
        Assert.Equal(59_999, arrived.Count);
        Assert.Equal(1, await pool.RunAsync(static () => 1).WaitAsync(Bound));
    }

    private static int NumberOf(string text)
    {
        if (text == "40000")
            new ManualResetEventSlim().Wait();
        return int.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
    }
}
