using System.Threading.Channels;

namespace Kernmantle.Contracts.Channels;

/// <summary>
/// What a channel does between the host and workers: each combination of a transport and a place inherits the whole, and says what it cannot have (<see cref="ChannelAbility"/>), and why.
/// </summary>
/// <param name="transport">By which means items cross.</param>
/// <param name="start">Starts so many workers.</param>
public abstract partial class ChannelContract(ChannelTransport transport, Func<int, ChannelWorkers> start) : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    private readonly string folder = Directory.CreateTempSubdirectory("kernmantle-channel-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static Dictionary<ChannelAbility, string> LacksOf(ChannelTransport transport)
    {
        Dictionary<ChannelAbility, string> lacks = [];
        if (transport != ChannelTransport.SharedMemory)
        {
            lacks[ChannelAbility.Redelivery] = "What was read is in it no more, and nobody knows who has it.";
            lacks[ChannelAbility.DropsWritten] = "What was written cannot be taken back.";
        }
        if (transport == ChannelTransport.File)
            lacks[ChannelAbility.Capacity] = "A file is as large as the disk.";
        return lacks;
    }

    /// <summary>The test is left out where what it is about cannot be had.</summary>
    private async Task<ChannelWorkers> StartAsync(int count, params ChannelAbility[] needed)
    {
        ChannelWorkers workers = start(count);
        Dictionary<ChannelAbility, string> lacks = LacksOf(transport);
        foreach (ChannelAbility ability in needed)
        {
            if (!lacks.TryGetValue(ability, out string? reason) && !workers.Lacks.TryGetValue(ability, out reason))
                continue;
            await workers.DisposeAsync();
            Assert.Skip($"{ability}: {reason}");
        }
        return workers;
    }

    private WorkerChannel<T> Make<T>(int capacity = 64, BoundedChannelFullMode mode = BoundedChannelFullMode.Wait, bool redeliver = false, bool endWithWriters = true) => WorkerChannel.Create<T>(new()
    {
        Capacity = capacity,
        BufferBytes = 1 << 16,
        Transport = transport,
        FullMode = mode,
        Redeliver = redeliver,
        EndWithWriters = endWithWriters,
        Path = transport == ChannelTransport.File ? Path.Combine(folder, $"{Guid.NewGuid():N}.log") : null,
    });

    private static async Task<List<T>> DrainAsync<T>(ChannelReader<T> reader)
    {
        List<T> items = [];
        await foreach (T item in reader.ReadAllAsync(Token))
            items.Add(item);
        return items;
    }

    public void Dispose()
    {
        Directory.Delete(folder, recursive: true);
        GC.SuppressFinalize(this);
    }
}
