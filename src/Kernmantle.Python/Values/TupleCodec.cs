using System.Linq.Expressions;

namespace Kernmantle.Python.Values;

/// <summary>A tuple of any length, or a pair of a dictionary, as tuple; read from a list, and from a namedtuple in the order of its fields.</summary>
internal sealed class TupleCodec<T> : ValueCodec<T>
{
    private const int ItemsBeforeRest = 7;

    private static readonly Member<T>[] Items = CreateItems();
    private static readonly Func<object?[], T> Make = CreateMake();

    public override void Write(ref PythonWriter writer, T value)
    {
        if (value is null)
        {
            writer.WriteNone();
            return;
        }
        writer.EnterTuple(Items.Length);
        int i = 0;
        try
        {
            for (; i < Items.Length; i++)
                Items[i].Write(ref writer, value);
        }
        catch (RefusedValueException refused) when (refused.Passes($".{Items[i].Name}"))
        {
            throw;
        }
        writer.Leave();
    }

    public override T Read(ref PythonReader reader)
    {
        PythonReader start = reader;
        int i = 0;
        object?[] slots = new object?[Items.Length];
        try
        {
            switch (reader.Peek())
            {
                case PythonKind.Tuple or PythonKind.List:
                    if (reader.EnterItems() != Items.Length)
                        throw WrongLength(ref start);
                    for (; i < Items.Length; i++)
                        slots[i] = Items[i].Read(ref reader);
                    break;
                case PythonKind.Record:
                    reader.EnterExtension(PythonKind.Record);
                    reader.Skip();
                    reader.EnterDict();
                    for (; reader.NextKey(); i++)
                    {
                        if (i == Items.Length)
                            throw WrongLength(ref start);
                        reader.Skip();
                        slots[i] = Items[i].Read(ref reader);
                    }
                    if (i < Items.Length)
                        throw WrongLength(ref start);
                    reader.Leave();
                    break;
                default:
                    return ReadOther(ref reader);
            }
        }
        catch (PythonValueMismatchException mismatch) when (mismatch.Wanted != typeof(T) && mismatch.Passes(ValuePath.Index(i)))
        {
            throw;
        }
        reader.Leave();
        return Make(slots);
    }

    private static PythonValueMismatchException WrongLength(ref PythonReader start) =>
        Mismatch(start.Describe(), $"Another number of items than {Items.Length}: ask for a tuple of as many, or for a list.");

    private static Member<T>[] CreateItems()
    {
        List<Member<T>> items = [];
        foreach ((string name, Type type, Func<Expression, Expression> get) in Flatten(typeof(T), static owner => owner))
            items.Add(Member<T>.Create(name, type, get));
        return [.. items];
    }

    private static IEnumerable<(string Name, Type Type, Func<Expression, Expression> Get)> Flatten(Type type, Func<Expression, Expression> path)
    {
        if (type.GetGenericTypeDefinition() == typeof(KeyValuePair<,>))
        {
            yield return ("Key", type.GetGenericArguments()[0], owner => Expression.Property(path(owner), "Key"));
            yield return ("Value", type.GetGenericArguments()[1], owner => Expression.Property(path(owner), "Value"));
            yield break;
        }
        Type[] types = type.GetGenericArguments();
        for (int i = 0; i < Math.Min(types.Length, ItemsBeforeRest); i++)
        {
            string name = $"Item{i + 1}";
            yield return (name, types[i], owner => Expression.PropertyOrField(path(owner), name));
        }
        if (types.Length <= ItemsBeforeRest)
            yield break;
        foreach (var rest in Flatten(types[ItemsBeforeRest], owner => Expression.PropertyOrField(path(owner), "Rest")))
            yield return rest;
    }

    private static Func<object?[], T> CreateMake()
    {
        ParameterExpression slots = Expression.Parameter(typeof(object?[]));
        int next = 0;
        return Expression.Lambda<Func<object?[], T>>(New(typeof(T)), slots).Compile();

        Expression New(Type type)
        {
            Type[] types = type.GetGenericArguments();
            IEnumerable<Expression> arguments = types.Select((item, i) => i < ItemsBeforeRest ? Construction.Slot(slots, next++, item) : New(item));
            return Expression.New(type.GetConstructor(types)!, arguments.ToArray());
        }
    }
}
