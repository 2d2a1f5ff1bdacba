using System.Buffers.Binary;
using Kernmantle.Channels.Log;

namespace Kernmantle.Tests.Channels.Log;

/// <summary>A folder for one log, and items whose content can be told from all others.</summary>
internal sealed class LogFolder : IDisposable
{
    public const string Items = "System.Byte[]";

    private readonly string folder = Directory.CreateTempSubdirectory("kernmantle-log-").FullName;

    public string Path => System.IO.Path.Combine(folder, "items.log");

    public string PositionPath => Path + ".position";

    public ChannelLog Open(LogOptions? options = null) => ChannelLog.Open(Path, Items, options);

    public static byte[] Item(int number, int length)
    {
        byte[] item = new byte[length];
        new Random(number).NextBytes(item);
        if (length >= sizeof(int))
            BinaryPrimitives.WriteInt32LittleEndian(item, number);
        return item;
    }

    public static long Append(ChannelLog log, long end, params ReadOnlySpan<int> lengths)
    {
        foreach (int length in lengths)
            end = log.Append(Item(length, length), end);
        return end;
    }

    /// <summary>The lengths of the items from there on, each with the content that <see cref="Append"/> gave it.</summary>
    public static List<int> Read(ChannelLog log, long position, long end)
    {
        List<int> lengths = [];
        LogReader reader = log.NewReader();
        while (reader.TryRead(position, end, out ReadOnlySpan<byte> item, out position))
        {
            Assert.Equal(Item(item.Length, item.Length), item);
            lengths.Add(item.Length);
        }
        return lengths;
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
