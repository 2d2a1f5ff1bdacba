using Kernmantle.Wire.Bytes;

namespace Kernmantle.Functions;

/// <summary>
/// The failure of a call that a worker made through its host, on its way to that worker: it is thrown there as the type that the host would have got. Of those that are not known
/// here, what they said arrives, as a <see cref="RemoteException"/>.
/// </summary>
internal static class CarriedFailure
{
    private enum Kind : byte
    {
        Other,
        Remote,
        StateLost,
        Deadlock,
        Crashed,
        TimedOut,
        MemoryLimit,
        CpuLimit,
        PoolBroken,
        NotPortable,
        TooLarge,
        Unavailable,
        Disposed,
    }

    public static void Write(ref PayloadWriter writer, Exception failure)
    {
        writer.WriteByte((byte)KindOf(failure));
        writer.WriteString((failure as WorkerException)?.WorkerName);
        writer.WriteString((failure as WorkerException)?.CallName);
        switch (failure)
        {
            case RemoteException remote:
                Described(remote).Write(ref writer);
                return;
            case NotPortableException notPortable:
                writer.WriteString(notPortable.Subject);
                writer.WriteString(notPortable.Remedy);
                return;
        }
        RemoteFailure.Of(failure).Write(ref writer);
        switch (failure)
        {
            case WorkerCrashedException crashed:
                writer.WriteByte((byte)crashed.Reason);
                writer.WriteInt32(crashed.ExitCode ?? -1);
                writer.WriteInt32(crashed.Signal ?? -1);
                WriteLines(ref writer, crashed.LastLogLines);
                WriteLines(ref writer, crashed.LikelyCauses);
                break;
            case CallTimeoutException late:
                writer.WriteInt64(late.Timeout.Ticks);
                writer.WriteByte(late.IsTransfer ? (byte)1 : (byte)0);
                break;
            case MemoryLimitException memory:
                writer.WriteInt64(memory.LimitBytes);
                break;
            case CpuLimitException cpu:
                writer.WriteInt64(cpu.Used.Ticks);
                break;
            case PoolBrokenException broken:
                writer.WriteInt32(broken.Restarts);
                break;
            case PayloadTooLargeException large:
                writer.WriteInt64(large.SizeBytes);
                writer.WriteInt64(large.LimitBytes);
                break;
            case FunctionUnavailableException unavailable:
                writer.WriteByte((byte)unavailable.Reason);
                writer.WriteString(unavailable.AssemblyName);
                break;
        }
    }

    public static Exception Read(ref PayloadReader reader)
    {
        var kind = (Kind)reader.ReadByte();
        string? worker = reader.ReadString(), call = reader.ReadString();
        Exception failure = Read(kind, ref reader, worker, call);
        if (failure is WorkerException own)
            (own.WorkerName, own.CallName) = (worker, call);
        return failure;
    }

    private static Exception Read(Kind kind, ref PayloadReader reader, string? worker, string? call)
    {
        if (kind == Kind.NotPortable)
            return new NotPortableException(reader.ReadString() ?? "The result", reader.ReadString() ?? "");
        RemoteFailure said = RemoteFailure.Read(ref reader);
        Exception? inner = said.Inner?.ToException(null, null);
        return kind switch
        {
            Kind.StateLost => new StateLostException(said.Message, inner),
            Kind.Deadlock => new DeadlockException(said.Message),
            Kind.Crashed => new WorkerCrashedException(said.Message, (CrashReason)reader.ReadByte(), Known(reader.ReadInt32()), Known(reader.ReadInt32()), ReadLines(ref reader), ReadLines(ref reader), inner),
            Kind.TimedOut => new CallTimeoutException(said.Message, new(reader.ReadInt64()), isTransfer: reader.ReadByte() != 0),
            Kind.MemoryLimit => new MemoryLimitException(said.Message, reader.ReadInt64(), innerException: inner),
            Kind.CpuLimit => new CpuLimitException(said.Message, new(reader.ReadInt64())),
            Kind.PoolBroken => new PoolBrokenException(said.Message, reader.ReadInt32(), innerException: inner),
            Kind.TooLarge => new PayloadTooLargeException(call ?? "The call", reader.ReadInt64(), reader.ReadInt64()),
            Kind.Unavailable => new FunctionUnavailableException(said.Message, (FunctionUnavailableReason)reader.ReadByte(), reader.ReadString()),
            Kind.Disposed => new ObjectDisposedException(null, said.Message),
            _ => said.ToException(worker, call),
        };
    }

    private static Kind KindOf(Exception failure) => failure switch
    {
        RemoteException => Kind.Remote,
        StateLostException => Kind.StateLost,
        DeadlockException => Kind.Deadlock,
        WorkerCrashedException => Kind.Crashed,
        CallTimeoutException => Kind.TimedOut,
        MemoryLimitException => Kind.MemoryLimit,
        CpuLimitException => Kind.CpuLimit,
        PoolBrokenException => Kind.PoolBroken,
        NotPortableException => Kind.NotPortable,
        PayloadTooLargeException => Kind.TooLarge,
        FunctionUnavailableException => Kind.Unavailable,
        ObjectDisposedException => Kind.Disposed,
        _ => Kind.Other,
    };

    /// <summary>What the function threw, and not that it was remote.</summary>
    private static RemoteFailure Described(RemoteException remote) =>
        new(remote.TypeName, remote.Message, remote.RemoteStackTrace, remote.InnerException is RemoteException inner ? Described(inner) : null);

    private static int? Known(int number) => number < 0 ? null : number;

    private static void WriteLines(ref PayloadWriter writer, IReadOnlyList<string> lines)
    {
        writer.WriteInt32(lines.Count);
        foreach (string line in lines)
            writer.WriteString(line);
    }

    private static string[] ReadLines(ref PayloadReader reader)
    {
        var lines = new string[reader.ReadInt32()];
        for (int i = 0; i < lines.Length; i++)
            lines[i] = reader.ReadString() ?? "";
        return lines;
    }
}
