using System.Threading.Channels;
using Kernmantle.Payloads.Preflight;
using Kernmantle.Python.Values;

namespace Kernmantle.Python.Sharing;

/// <summary>An object that stays in the host, by its number.</summary>
/// <param name="wrapper">The class of its <see cref="HostObject"/>.</param>
internal sealed class HostObjectCodec<T>(Type wrapper) : ValueCodec<T>
    where T : class
{
    public override void Write(ref PythonWriter writer, T value)
    {
        if (value is null)
        {
            writer.WriteNone();
            return;
        }
        HostObjects.Write(ref writer, writer.Objects ?? throw new RefusedValueException(PortableTypes.Name(typeof(T)), "Hand it over as an argument of a call."), HostObject.Of(value, wrapper));
    }

    public override T Read(ref PythonReader reader) => reader.Peek() != PythonKind.Object
        ? ReadOther(ref reader)
        : HostObjects.Read(ref reader) as T ?? throw Mismatch("another object of the host", "Ask for the type that was handed over, or return what is a " + typeof(T).Name + ".");
}

/// <summary>Which types are handed over as objects that stay in the host.</summary>
internal static class HostObjects
{
    private static readonly Dictionary<Type, Type> Simple = new()
    {
        [typeof(SharedLock)] = typeof(LockObject),
        [typeof(SharedReaderWriterLock)] = typeof(ReaderWriterLockObject),
        [typeof(SharedSemaphore)] = typeof(SemaphoreObject),
        [typeof(SharedEvent)] = typeof(EventObject),
        [typeof(SharedCondition)] = typeof(ConditionObject),
        [typeof(SharedBarrier)] = typeof(BarrierObject),
        [typeof(SharedCountdown)] = typeof(CountdownObject),
    };

    /// <summary>Null for others.</summary>
    public static ValueCodec? TryCreateCodec(Type type)
    {
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(SharedArray<>) && NumericArrays.FormatOf(type.GetGenericArguments()[0]) == '\0')
            return ValueCodecs.New(typeof(RefusedCodec<>), [type], "Python has no such items: use one of numbers.");
        if (type.IsAssignableTo(typeof(Delegate)))
            return FunctionObject.WhyNot(type) is { } why
                ? ValueCodecs.New(typeof(RefusedCodec<>), [type], why)
                : ValueCodecs.New(typeof(HostObjectCodec<>), [type], typeof(FunctionObject));
        if (ReportedBy(type) is { } report)
            return ValueCodecs.New(typeof(HostObjectCodec<>), [type], typeof(ProgressObject<>).MakeGenericType(report));
        for (Type? known = type; known is not null; known = known.BaseType)
        {
            if (WrapperOf(known) is { } wrapper)
                return ValueCodecs.New(typeof(HostObjectCodec<>), [type], wrapper);
        }
        return null;
    }

    /// <summary>Names the object, and hands it over to who gets the value.</summary>
    public static void Write(ref PythonWriter writer, IPythonObjects objects, HostObject item)
    {
        objects.Name(item);
        writer.EnterExtension(PythonKind.Object);
        writer.WriteString(item.Kind);
        writer.WriteInteger(item.Number);
        item.WriteDetails(ref writer);
        writer.Leave();
    }

    /// <summary>The object that comes next.</summary>
    /// <exception cref="Wire.Bytes.InvalidPayloadException">The worker does not have it.</exception>
    public static object Read(ref PythonReader reader)
    {
        reader.EnterExtension(PythonKind.Object);
        reader.ReadUtf8();
        HostObject item = reader.FindObject(TimeFields.ReadField(ref reader, 0, int.MaxValue, "object"));
        reader.Skip();
        reader.Leave();
        return item.Target;
    }

    /// <summary>What a progress sink is told; null if it is none, or one of several things.</summary>
    private static Type? ReportedBy(Type type)
    {
        Type[] sinks = [.. type.GetInterfaces().Append(type).Where(static i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IProgress<>))];
        return sinks is [Type only] ? only.GetGenericArguments()[0] : null;
    }

    private static Type? WrapperOf(Type type)
    {
        if (!type.IsGenericType)
            return Simple.GetValueOrDefault(type);
        Type definition = type.GetGenericTypeDefinition();
        Type[] items = type.GetGenericArguments();
        if (definition == typeof(ChannelReader<>))
            return typeof(ReaderObject<>).MakeGenericType(items);
        if (definition == typeof(ChannelWriter<>))
            return typeof(WriterObject<>).MakeGenericType(items);
        if (definition == typeof(WorkerChannel<>))
            return typeof(WorkerChannelObject<>).MakeGenericType(items);
        if (definition == typeof(SharedValue<>))
            return typeof(ValueObject<>).MakeGenericType(items);
        if (definition == typeof(SharedArray<>))
            return typeof(ArrayObject<>).MakeGenericType(items);
        return definition == typeof(Channel<,>) ? typeof(ChannelObject<,>).MakeGenericType(items) : null;
    }
}
