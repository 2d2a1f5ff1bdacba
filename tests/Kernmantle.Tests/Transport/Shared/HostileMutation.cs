using System.Buffers.Binary;
using Kernmantle.Wire;
using Kernmantle.Wire.Shared;

namespace Kernmantle.Tests.Transport.SharedMemory;

/// <summary>Makes correct records wrong, in one way at a time.</summary>
internal static class HostileMutation
{
    /// <summary>More memory than this is asked for by no test.</summary>
    private const long MostWanted = 4 << 20;

    private static readonly long[] Edges = [0, 1, -1, 2, int.MaxValue, int.MinValue, uint.MaxValue, long.MaxValue, long.MinValue, HostileWorker.RingBytes, HostileWorker.LargestBody, HostileWorker.LargestBody + 1];

    public static void OfRecords(List<HostileRecord> records, Random random, IReadOnlyList<Segment> segments)
    {
        int index = random.Next(records.Count);
        HostileRecord record = records[index];
        switch (random.Next(15))
        {
            case 0:
                record.Header ^= 1L << random.Next(64);
                break;
            case 1:
                SetLength(record, Near(random, record.Body.Length));
                break;
            case 2:
                record.Header = (record.Header & ~(0xffL << 32)) | ((long)random.Next(256) << 32);
                break;
            case 3:
                record.Id = random.Next(3) == 0 ? Edges[random.Next(Edges.Length)] : record.Id + random.Next(-3, 1030);
                break;
            case 4:
                record.Header ^= (long)random.Next(256) << 40;
                break;
            case 5:
                HostileRecord large = HostileRecord.InSegment(record.Kind, record.Id, SegmentId(random, segments), (int)Edges[random.Next(Edges.Length)]);
                records[index] = large;
                break;
            case 6:
                SetLength(record, random.Next(record.Body.Length + 1));
                break;
            case 7 or 8:
                ChangeBody(record, random);
                break;
            case 9:
                records.Insert(random.Next(records.Count + 1), record.Clone());
                break;
            case 10:
                int other = random.Next(records.Count);
                (records[index], records[other]) = (records[other], record);
                break;
            case 11:
                records.Insert(index, new(FrameKind.QuickResult, record.Id + random.Next(1, 5), record.Body));
                break;
            case 12:
                records.Insert(index, new(random.Next(2) == 0 ? FrameKind.WantSegment : FrameKind.WantBuffer, Edges[random.Next(Edges.Length)], []));
                break;
            case 13:
                records.Insert(index, Items(random, record.Id + random.Next(2)));
                break;
            default:
                records[index] = new(record.Kind, record.Id, Bodies.Random(random, random.Next(100)), (byte)random.Next(256));
                break;
        }
        foreach (HostileRecord each in records)
        {
            // A legal wish for a lot of memory is granted, and costs time.
            if (each.Kind is FrameKind.WantBuffer or FrameKind.WantSegment && each.Id is > MostWanted and <= int.MaxValue + 1L)
                each.Id = int.MaxValue + 2L;
        }
    }

    public static unsafe void OfWords(HostileWorker worker, Random random)
    {
        long lie = random.Next(3) == 0 ? random.NextInt64() : Edges[random.Next(Edges.Length)] + random.Next(-2, 3);
        switch (random.Next(11))
        {
            case 9:
                worker.Words->SliceItem = lie;
                break;
            case 0:
                worker.Words->Begun = lie;
                break;
            case 1:
                worker.LieAboutHead(lie);
                break;
            case 2:
                worker.Words->CallerWaiting = lie;
                break;
            case 3:
                worker.Words->HostWaiting = (int)lie;
                break;
            case 4:
                worker.Words->WorkerBlocked = (int)lie;
                break;
            case 5:
                worker.Words->RequestHead = lie;
                break;
            case 6:
                worker.Words->WorkerWaiting = (int)lie;
                break;
            case 7:
                (worker.Words->CallerBell, worker.Words->WorkerBell, worker.Words->RoomBell) = ((int)lie, (int)lie, (int)lie);
                break;
            case 8:
                (worker.Words->HostBlocked, worker.Words->SpinMicroseconds, worker.Words->BellBytes) = ((int)lie, (int)lie, (int)lie);
                break;
            default:
                foreach (Segment segment in worker.Segments)
                    segment.IsInUse = random.Next(2) == 0;
                break;
        }
    }

    /// <summary>A record of answers, with lengths that fit or do not.</summary>
    private static HostileRecord Items(Random random, long first)
    {
        byte[] body = new byte[random.Next(4, 200)];
        for (int at = 0; at + 4 <= body.Length; at += 4)
            BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(at), random.Next(5) == 0 ? (int)Edges[random.Next(Edges.Length)] : random.Next(3) * 4);
        if (random.Next(2) == 0)
            BinaryPrimitives.WriteInt32LittleEndian(body, body.Length - 8);
        return new(random.Next(3) switch { 0 => FrameKind.StreamItems, 1 => FrameKind.QuickItem, _ => FrameKind.QuickItems }, first, body);
    }

    private static void SetLength(HostileRecord record, int length) => record.Header = (record.Header & ~0xffffffffL) | (uint)length;

    private static int Near(Random random, int length) => random.Next(6) switch
    {
        0 => length + 1,
        1 => length - 1,
        2 => HostileWorker.RingBytes / 4,
        3 => random.Next(HostileWorker.RingBytes / 4),
        _ => (int)Edges[random.Next(Edges.Length)],
    };

    private static int SegmentId(Random random, IReadOnlyList<Segment> segments) =>
        segments.Count > 0 && random.Next(4) > 0 ? segments[random.Next(segments.Count)].Id : random.Next(-1, 100);

    private static void ChangeBody(HostileRecord record, Random random)
    {
        if (record.Body.Length >= 4 && random.Next(2) == 0)
            BinaryPrimitives.WriteInt32LittleEndian(record.Body.AsSpan(random.Next(record.Body.Length - 3)), (int)Edges[random.Next(Edges.Length)]);
        else if (record.Body.Length > 0)
            record.Body[random.Next(record.Body.Length)] = (byte)random.Next(256);
    }
}
